import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type PointerEvent, type RefObject } from 'react';
import type { RunDetail } from '../../api/types';
import { Icon } from '../../kit/Icon';
import { formatDuration, formatOffset, parseTime } from '../../time/format';
import { useFastNow } from '../../time/useNow';
import { Minimap } from './Minimap';
import { allOf, buildWaterfall, firstProblem, flatten, revealing } from './model';
import { RowDetail } from './RowDetail';
import { WaterfallRow } from './WaterfallRow';
import { between, cluster, fraction, pan, ticks, timeAt, zoom, type Marker, type View } from './scale';
import { useWidth } from './useWidth';
import './waterfall.css';

interface Props {
  run: RunDetail;
  /** The row whose details are open: an id, 'none', or undefined for "whatever deserves it". */
  opened: string | undefined;
  onOpen: (id: string) => void;
}

export function Waterfall({ run, opened, onOpen }: Props) {
  const now = useFastNow(run.state !== 'finished');
  const waterfall = useMemo(() => buildWaterfall(run, now), [run, now]);
  const bounds: View = useMemo(() => ({ from: 0, to: waterfall.length * 1.015 }), [waterfall.length]);
  const [zoomed, setZoomed] = useState<View>();
  const view = zoomed ?? bounds;
  const [toggled, setToggled] = useState<ReadonlySet<string>>(() => (opened ? revealing(waterfall, opened) : new Set()));
  const [active, setActive] = useState('run');
  const rows = useMemo(() => flatten(waterfall, toggled), [waterfall, toggled]);
  const shown = opened ?? (run.state === 'finished' && run.result !== 'success' ? firstProblem(waterfall) : undefined);
  const lanes = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const width = useWidth(lanes);
  const markers = useMemo(() => markersOf(run, waterfall.origin), [run, waterfall.origin]);

  const toggle = (id: string): void => setToggled((before) => symmetric(before, id));
  const look = (next: View | undefined): void => setZoomed(next && next.to - next.from < (bounds.to - bounds.from) * 0.999 ? next : undefined);
  const onKey = (event: KeyboardEvent): void => {
    const middle = (view.from + view.to) / 2;
    const stride = (view.to - view.from) * 0.2;
    if (event.key === '+' || event.key === '=') look(zoom(view, bounds, middle, 0.6));
    else if (event.key === '-') look(zoom(view, bounds, middle, 1 / 0.6));
    else if (event.key === '0') look(undefined);
    else if (event.shiftKey && event.key === 'ArrowLeft') look(pan(view, bounds, -stride));
    else if (event.shiftKey && event.key === 'ArrowRight') look(pan(view, bounds, stride));
    else return;
    event.preventDefault();
  };
  useWheelZoom(body, lanes, (at, factor) => look(zoom(view, bounds, timeAt(view, at), factor)));
  const { step, at } = ticks(view, Math.max(2, Math.floor(width / 92)));
  const drag = useRangeDrag(lanes, (a, b) => look(between(bounds, timeAt(view, a), timeAt(view, b)) ?? zoomed));
  return (
    <section className="panel wf" data-testid="waterfall" data-state={run.state} aria-label="Waterfall" onKeyDown={onKey}>
      <div className="wf-top">
        <div className="wf-top-name">
          <h2>Waterfall</h2>
          <span className="muted num">{run.spans.length} {run.spans.length === 1 ? 'span' : 'spans'}</span>
          <span className="wf-tools">
            <button type="button" className="button ghost small" title="Zoom in (+)" aria-label="Zoom in" onClick={() => look(zoom(view, bounds, (view.from + view.to) / 2, 0.6))}><Icon name="plus" size={14} /></button>
            <button type="button" className="button ghost small" title="Zoom out (−)" aria-label="Zoom out" disabled={!zoomed} onClick={() => look(zoom(view, bounds, (view.from + view.to) / 2, 1 / 0.6))}><Icon name="dash" size={14} /></button>
            <button type="button" className="button ghost small" title="The whole run (0)" aria-label="Show the whole run" disabled={!zoomed} onClick={() => look(undefined)}><Icon name="reset" size={14} /></button>
          </span>
        </div>
        <Minimap waterfall={waterfall} bounds={bounds} view={view} zoomed={Boolean(zoomed)} onView={look} />
      </div>
      <div className="wf-axis">
        <div className="wf-axis-name"><span>Task</span><span>Duration</span></div>
        <div className="wf-axis-lane">
          {markers.length > 0 && (
            <div className="wf-flags">
              {cluster(markers, view, Math.min(0.3, 190 / Math.max(1, width))).map((group) => (
                <span key={group.at} className={`wf-flag ${fraction(view, group.at) > 0.72 ? 'leftward' : ''}`} style={{ left: percent(fraction(view, group.at)) }} title={group.markers.map((m) => `${m.text} at ${formatDuration(m.at / 1000)}`).join('\n')}>
                  {distinct(group.markers).map((m, i) => <span key={i} className={`wf-flag-item ${m.kind}`}><Icon name={m.kind === 'alert' ? 'alert' : 'action'} size={12} />{m.text}</span>)}
                </span>
              ))}
            </div>
          )}
          <div className="wf-ticks">
            {at.map((t) => <span key={t} className={`num ${fraction(view, t) > 0.96 ? 'last' : ''}`} style={{ left: percent(fraction(view, t)) }}>{formatOffset(t, step)}</span>)}
          </div>
        </div>
      </div>
      <div className="wf-body" role="treegrid" aria-label="Tasks and spans" {...drag.handlers} ref={body}>
        <div className="wf-layer" role="presentation">
          {at.filter((t) => fraction(view, t) > 0.002).map((t) => <i key={t} className="wf-gridline" style={{ left: percent(fraction(view, t)) }} />)}
        </div>
        {rows.map(({ row, depth, open, more }) => (
          <div key={row.id} className="wf-entry" role="presentation">
            <WaterfallRow
              row={row} depth={depth} open={open} view={view} active={row.id === active} opened={row.id === shown}
              onActive={() => setActive(row.id)} onToggle={() => toggle(row.id)} onOpen={() => onOpen(row.id === shown ? 'none' : row.id)}
            />
            {row.id === shown && <RowDetail row={row} origin={waterfall.origin} />}
            {more.map(({ of, count }) => <button key={of.id} type="button" className="wf-more" onClick={() => toggle(allOf(of))}>{of.name}: show {count} more</button>)}
          </div>
        ))}
        <div className="wf-layer front" role="presentation" ref={lanes}>
          {cluster(markers, view, 0.02).map((group) => <i key={group.at} className={`wf-markline ${group.markers[0]?.kind ?? ''}`} style={{ left: percent(fraction(view, group.at)) }} />)}
          {drag.selection && <i className="wf-selection" style={{ left: percent(drag.selection[0]), width: percent(drag.selection[1] - drag.selection[0]) }} />}
          <Crosshair view={view} lanes={lanes} body={body} />
        </div>
      </div>
    </section>
  );
}

const percent = (f: number): string => `${(f * 100).toFixed(4)}%`;

function symmetric(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(id)) after.add(id);
  return after;
}

function distinct(markers: Marker[]): Marker[] {
  return markers.filter((m, i) => markers.findIndex((other) => other.kind === m.kind && other.text === m.text) === i);
}

/** When this run made an alert fire, and when something was done about it. */
function markersOf(run: RunDetail, origin: number): Marker[] {
  const marks: Marker[] = [];
  for (const alert of run.alerts ?? []) {
    const at = parseTime(alert.activeAt);
    if (at !== undefined) marks.push({ at: at - origin, kind: 'alert', text: alert.alertname });
  }
  for (const action of run.actions ?? []) {
    const at = parseTime(action.startedAt ?? action.decidedAt);
    if (at !== undefined) marks.push({ at: at - origin, kind: 'action', text: action.action });
  }
  return marks.filter((mark) => mark.at >= 0);
}

/** Where the pointer is across the lanes: 0 at their left edge, 1 at their right, outside beyond. */
function across(lanes: RefObject<HTMLElement | null>, clientX: number): number {
  const box = lanes.current?.getBoundingClientRect();
  return box ? (clientX - box.left) / box.width : 0;
}

/** A drag across the lanes as two fractions of their width. A press without a drag stays a click on the row. */
function useRangeDrag(lanes: RefObject<HTMLElement | null>, onRange: (a: number, b: number) => void) {
  const [selection, setSelection] = useState<[number, number]>();
  const from = useRef<number>(undefined);
  const dragged = useRef(false);
  const at = (event: PointerEvent): number => Math.min(1, Math.max(0, across(lanes, event.clientX)));
  const end = (): void => {
    from.current = undefined;
    setSelection(undefined);
  };
  return {
    selection,
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>): void => {
        dragged.current = false;
        const onLane = event.target instanceof Element && event.target.closest('.wf-lane');
        if (event.button === 0 && event.pointerType !== 'touch' && onLane) from.current = at(event);
      },
      onPointerMove: (event: PointerEvent<HTMLElement>): void => {
        const start = from.current;
        if (start === undefined) return;
        const here = at(event);
        if (!dragged.current && Math.abs(here - start) < 0.005) return;
        if (!dragged.current) event.currentTarget.setPointerCapture(event.pointerId);
        dragged.current = true;
        setSelection(here < start ? [here, start] : [start, here]);
      },
      onPointerUp: (event: PointerEvent<HTMLElement>): void => {
        if (from.current !== undefined && dragged.current) onRange(from.current, at(event));
        end();
      },
      onPointerCancel: end,
      onClickCapture: (event: MouseEvent): void => {
        if (dragged.current) event.stopPropagation();
        dragged.current = false;
      },
    },
  };
}

/** Ctrl and wheel (a pinch on a touch pad) zoom around the pointer; React's own wheel listener is passive. */
function useWheelZoom(body: RefObject<HTMLElement | null>, lanes: RefObject<HTMLElement | null>, onZoom: (at: number, factor: number) => void): void {
  const handler = useRef(onZoom);
  useEffect(() => {
    handler.current = onZoom;
  });
  useEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      handler.current(across(lanes, event.clientX), Math.exp(Math.sign(event.deltaY) * Math.min(0.3, Math.abs(event.deltaY) / 200)));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [body, lanes]);
}

/** A hair line under the pointer with its time. Moves without rendering. */
function Crosshair({ view, lanes, body }: { view: View; lanes: RefObject<HTMLElement | null>; body: RefObject<HTMLElement | null> }) {
  const line = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = body.current;
    const hair = line.current;
    if (!element || !hair) return undefined;
    const move = (event: globalThis.PointerEvent): void => {
      const f = across(lanes, event.clientX);
      hair.hidden = f < 0 || f > 1 || !(event.target instanceof Element && event.target.closest('.wf-lane'));
      hair.style.left = percent(f);
      hair.dataset['time'] = formatDuration(timeAt(view, f) / 1000);
      hair.classList.toggle('leftward', f > 0.85);
    };
    const leave = (): void => {
      hair.hidden = true;
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerleave', leave);
    return () => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerleave', leave);
    };
  }, [view, lanes, body]);
  return <i className="wf-cross" ref={line} hidden />;
}
