import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { RunDetail } from '../../api/types';
import { useFastNow } from '../../time/useNow';
import { Axis, markersOf } from './Axis';
import { buildWaterfall } from './build';
import { Crosshair } from './Crosshair';
import { Minimap } from './Minimap';
import { useRangeDrag, useWheelZoom } from './pointer';
import { RowDetail } from './RowDetail';
import type { Row } from './rows';
import { between, cluster, fraction, pan, percent, ticks, timeAt, zoom, type View } from './scale';
import { useWidth } from './useWidth';
import { allOf, firstProblem, flatten, revealing } from './visible';
import { WaterfallRow } from './WaterfallRow';
import { ZoomTools } from './ZoomTools';
import './waterfall.css';

interface Props {
  run: RunDetail;
  /** The row whose details are open: an id, 'none', or undefined for "whatever deserves it". */
  opened: string | undefined;
  onOpen: (id: string) => void;
  /** Rows to bring out, such as those of the critical path. */
  isMarked?: (row: Row) => boolean;
}

export function Waterfall({ run, opened, onOpen, isMarked }: Props) {
  const now = useFastNow(run.state !== 'finished');
  const waterfall = useMemo(() => buildWaterfall(run, now), [run, now]);
  const bounds: View = useMemo(() => ({ from: 0, to: waterfall.length * 1.015 }), [waterfall.length]);
  const [zoomed, setZoomed] = useState<View>();
  const view = zoomed ?? bounds;
  const [toggled, setToggled] = useState<ReadonlySet<string>>(() =>
    opened ? revealing(waterfall, opened) : new Set(),
  );
  const [active, setActive] = useState('run');
  const rows = useMemo(() => flatten(waterfall, toggled), [waterfall, toggled]);
  const shown = opened ?? (run.state === 'finished' && run.result !== 'success' ? firstProblem(waterfall) : undefined);
  const lanes = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const width = useWidth(lanes);
  const markers = useMemo(() => markersOf(run, waterfall.origin), [run, waterfall.origin]);

  const toggle = (id: string): void => setToggled((before) => symmetric(before, id));
  const look = (next: View | undefined): void =>
    setZoomed(next && next.to - next.from < (bounds.to - bounds.from) * 0.999 ? next : undefined);
  const zoomBy = (factor: number): void => look(zoom(view, bounds, (view.from + view.to) / 2, factor));
  const onKey = (event: KeyboardEvent): void => {
    const stride = (view.to - view.from) * 0.2;
    if (event.key === '+' || event.key === '=') zoomBy(0.6);
    else if (event.key === '-') zoomBy(1 / 0.6);
    else if (event.key === '0') look(undefined);
    else if (event.shiftKey && event.key === 'ArrowLeft') look(pan(view, bounds, -stride));
    else if (event.shiftKey && event.key === 'ArrowRight') look(pan(view, bounds, stride));
    else return;
    event.preventDefault();
  };
  useWheelZoom(body, lanes, (at, factor) => look(zoom(view, bounds, timeAt(view, at), factor)));
  const marks = ticks(view, Math.max(2, Math.floor(width / 92)));
  const drag = useRangeDrag(lanes, (a, b) => look(between(bounds, timeAt(view, a), timeAt(view, b)) ?? zoomed));
  return (
    <section
      className="panel wf"
      data-testid="waterfall"
      data-state={run.state}
      aria-label="Waterfall"
      onKeyDown={onKey}
    >
      <div className="wf-top">
        <div className="wf-top-name">
          <h2>Waterfall</h2>
          <span className="muted num">{countOf(run)}</span>
          <ZoomTools zoomed={zoomed !== undefined} onZoom={zoomBy} onReset={() => look(undefined)} />
        </div>
        <Minimap waterfall={waterfall} bounds={bounds} view={view} zoomed={Boolean(zoomed)} onView={look} />
      </div>
      <Axis view={view} ticks={marks} markers={markers} width={width} />
      <div className="wf-body" role="treegrid" aria-label="Tasks and spans" {...drag.handlers} ref={body}>
        <div className="wf-layer" role="presentation">
          {marks.at
            .filter((t) => fraction(view, t) > 0.002)
            .map((t) => (
              <i key={t} className="wf-gridline" style={{ left: percent(fraction(view, t)) }} />
            ))}
        </div>
        {rows.map(({ row, depth, open, more }) => (
          <div key={row.id} className="wf-entry" role="presentation">
            <WaterfallRow
              row={row}
              depth={depth}
              open={open}
              view={view}
              active={row.id === active}
              opened={row.id === shown}
              marked={isMarked?.(row) ?? false}
              onActive={() => setActive(row.id)}
              onToggle={() => toggle(row.id)}
              onOpen={() => onOpen(row.id === shown ? 'none' : row.id)}
            />
            {row.id === shown && <RowDetail row={row} origin={waterfall.origin} />}
            {more.map(({ of, count }) => (
              <button key={of.id} type="button" className="wf-more" onClick={() => toggle(allOf(of))}>
                {of.name}: show {count} more
              </button>
            ))}
          </div>
        ))}
        <div className="wf-layer front" role="presentation" ref={lanes}>
          {cluster(markers, view, 0.02).map((group) => (
            <i
              key={group.at}
              className={`wf-markline ${group.markers[0]?.kind ?? ''}`}
              style={{ left: percent(fraction(view, group.at)) }}
            />
          ))}
          {drag.selection && (
            <i
              className="wf-selection"
              style={{ left: percent(drag.selection[0]), width: percent(drag.selection[1] - drag.selection[0]) }}
            />
          )}
          <Crosshair view={view} lanes={lanes} body={body} />
        </div>
      </div>
    </section>
  );
}

/** Spans; of a run whose spans are not kept any more, or not yet there, its tasks. */
function countOf({ spans, tasks }: RunDetail): string {
  const [count, word] = spans.length > 0 ? [spans.length, 'span'] : [tasks.length, 'task'];
  return `${count} ${count === 1 ? word : `${word}s`}`;
}

function symmetric(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(id)) after.add(id);
  return after;
}
