import { useRef, useState, type PointerEvent } from 'react';
import type { Row, Waterfall } from './rows';
import { between, fraction, pan, timeAt, type View } from './scale';

interface Props {
  waterfall: Waterfall;
  bounds: View;
  view: View;
  zoomed: boolean;
  onView: (view: View | undefined) => void;
}

const height = 34;

/** The whole run in a strip. Drag across it to choose a part, drag the part to move it, double-click for everything. */
export function Minimap({ waterfall, bounds, view, zoomed, onView }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ at: number; move: View | undefined }>();
  const timeOf = (event: PointerEvent): number => {
    const box = host.current?.getBoundingClientRect();
    return box ? timeAt(bounds, Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))) : 0;
  };
  const onDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    const at = timeOf(event);
    const inside = zoomed && at >= view.from && at <= view.to;
    setDrag({ at, move: inside ? view : undefined });
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent): void => {
    if (!drag) return;
    const here = timeOf(event);
    const next = drag.move ? pan(drag.move, bounds, here - drag.at) : between(bounds, drag.at, here);
    if (next) onView(next);
  };
  const bars = barsOf(waterfall.root);
  const lane = Math.max(1.5, Math.min(5, (height - 8) / Math.max(1, bars.lanes)));
  return (
    <div
      className="wf-mini"
      ref={host}
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={() => setDrag(undefined)}
      onPointerCancel={() => setDrag(undefined)}
      onDoubleClick={() => onView(undefined)}
      title="Drag to zoom, double-click for the whole run"
    >
      <svg width="100%" height={height} viewBox={`0 0 1000 ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {bars.list.map((bar, index) => (
          <rect
            key={index}
            className={bar.tone ? `tone-${bar.tone}` : 'plain'}
            x={fraction(bounds, bar.start) * 1000}
            width={Math.max(1.2, (fraction(bounds, bar.end) - fraction(bounds, bar.start)) * 1000)}
            y={4 + bar.lane * lane}
            height={Math.max(1, lane - 1)}
          />
        ))}
      </svg>
      {zoomed && (
        <>
          <i className="wf-mini-shade" style={{ left: 0, width: `${fraction(bounds, view.from) * 100}%` }} />
          <i className="wf-mini-shade" style={{ left: `${fraction(bounds, view.to) * 100}%`, right: 0 }} />
          <i
            className="wf-mini-view"
            style={{
              left: `${fraction(bounds, view.from) * 100}%`,
              width: `${((view.to - view.from) / (bounds.to - bounds.from)) * 100}%`,
            }}
          />
        </>
      )}
    </div>
  );
}

interface MiniBar {
  start: number;
  end: number;
  lane: number;
  tone: string | undefined;
}

const mostLanes = 24;

/** Tasks and their children, one lane per row of the full picture; only the tasks when that would be too many. */
function barsOf(root: Row): { list: MiniBar[]; lanes: number } {
  const withChildren = lanesOf(root, 1);
  return withChildren.lanes <= mostLanes ? withChildren : lanesOf(root, 0);
}

function lanesOf(root: Row, levels: number): { list: MiniBar[]; lanes: number } {
  const list: MiniBar[] = [];
  let lanes = 0;
  const visit = (row: Row, depth: number): void => {
    for (const bar of row.bars)
      if (!bar.waiting) list.push({ start: bar.start, end: bar.end, lane: lanes, tone: bar.look?.tone });
    lanes += 1;
    if (depth > 0)
      for (const child of row.kind === 'attempts' ? row.children.flatMap((attempt) => attempt.children) : row.children)
        visit(child, depth - 1);
  };
  for (const child of root.children) visit(child, levels);
  return { list, lanes };
}
