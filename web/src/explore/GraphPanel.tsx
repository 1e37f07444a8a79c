import { lazy, Suspense, useMemo, useState } from 'react';
import type { Labels, Series } from '../api/types';
import { useDark } from '../shell/theme';
import { formatMoment } from '../time/format';
import type { Dot } from './exemplars';
import { seriesColor } from './palette';
import { alignSeries, extentOf, formatValue, legendNames } from './series';

const Graph = lazy(() => import('./Graph'));

export interface Drawn {
  expr: string;
  series: Series[];
}

interface Props {
  drawn: Drawn[];
  /** Exemplars to show over the lines; undefined where nobody asked for them. */
  dots: Dot[] | undefined;
  start: number;
  end: number;
  step: number;
  loading: boolean;
  failed: boolean;
  onZoom: (start: number, end: number) => void;
}

const mostSeries = 120;

/** The graph of all queries together, and a legend that shows the values under the pointer. */
export function GraphPanel({ drawn, dots, start, end, step, loading, failed, onZoom }: Props) {
  const all = useMemo(() => drawn.flatMap(({ series }) => series.filter((one) => one.values)), [drawn]);
  const shown = useMemo(() => all.slice(0, mostSeries), [all]);
  const columns = useMemo(() => alignSeries(shown, start, end, step), [shown, start, end, step]);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [focused, setFocused] = useState(-1);
  const [hover, setHover] = useState<number | null>(null);
  const histograms = drawn.reduce((count, { series }) => count + series.filter((one) => one.histograms).length, 0);
  const time = hover === null ? undefined : columns.times[hover];
  return (
    <>
      <div
        className="graph"
        data-testid="graph"
        data-state={loading ? 'loading' : shown.length ? 'ready' : failed ? 'error' : 'empty'}
        data-series={shown.length}
        aria-label={`Graph of ${shown.length} series`}
        role="img"
      >
        <Suspense fallback={<div className="graph-canvas" />}>
          <Graph
            columns={columns}
            hidden={hidden}
            focused={focused}
            dots={dots}
            start={start}
            end={end}
            onHover={setHover}
            onZoom={onZoom}
          />
        </Suspense>
        {!loading && shown.length === 0 && (
          <p className="graph-empty">
            {failed ? 'Nothing to draw: the server refused the query' : 'No samples in this range'}
          </p>
        )}
      </div>
      {all.length > mostSeries && (
        <p className="graph-note">
          Drawing {mostSeries} of {all.length} series. Aggregate or filter, or look at the table.
        </p>
      )}
      {histograms > 0 && (
        <p className="graph-note">
          {histograms} native histogram series: see them in the table, or draw a quantile of them.
        </p>
      )}
      {shown.length > 0 && (
        <Legend
          metrics={shown.map((one) => one.metric)}
          columns={columns.values}
          hidden={hidden}
          hover={hover}
          time={time}
          onFocus={setFocused}
          onToggle={(index, alone) => setHidden((before) => toggled(before, index, alone, shown.length))}
        />
      )}
    </>
  );
}

/** One on or off; with `alone` only this one, or all again if it is alone already. */
export function toggled(
  hidden: ReadonlySet<number>,
  index: number,
  alone: boolean,
  count: number,
): ReadonlySet<number> {
  if (alone) {
    const isAlone = hidden.size === count - 1 && !hidden.has(index);
    return isAlone ? new Set() : new Set(Array.from({ length: count }, (_, i) => i).filter((i) => i !== index));
  }
  const next = new Set(hidden);
  if (!next.delete(index)) next.add(index);
  return next;
}

interface LegendProps {
  metrics: Labels[];
  columns: (number | null)[][];
  hidden: ReadonlySet<number>;
  hover: number | null;
  time: number | undefined;
  onFocus: (index: number) => void;
  onToggle: (index: number, alone: boolean) => void;
}

function Legend({ metrics, columns, hidden, hover, time, onFocus, onToggle }: LegendProps) {
  const isDark = useDark();
  const names = useMemo(() => legendNames(metrics), [metrics]);
  const extents = useMemo(() => columns.map(extentOf), [columns]);
  return (
    <div className="legend">
      <div className="legend-head" aria-hidden="true">
        <span title="Click hides a series, Ctrl or Shift click shows it alone">Series</span>
        <span>Min</span>
        <span>Mean</span>
        <span>Max</span>
        <span>{time === undefined ? 'Last' : formatMoment(time * 1000).slice(11)}</span>
      </div>
      <ul>
        {names.map((name, i) => (
          <li key={i}>
            <button
              type="button"
              className="legend-row"
              aria-pressed={!hidden.has(i)}
              data-row
              onClick={(event) => onToggle(i, event.ctrlKey || event.metaKey || event.shiftKey)}
              onPointerEnter={() => onFocus(i)}
              onPointerLeave={() => onFocus(-1)}
            >
              <span className="legend-name mono">
                <i style={{ background: seriesColor(i, isDark) }} />
                <span className="clip" title={name}>
                  {name}
                </span>
              </span>
              <span className="num">{formatValue(extents[i]?.min)}</span>
              <span className="num">{formatValue(extents[i]?.mean)}</span>
              <span className="num">{formatValue(extents[i]?.max)}</span>
              <span className="num legend-now">
                {formatValue(hover === null ? extents[i]?.last : columns[i]?.[hover])}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
