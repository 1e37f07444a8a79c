import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useDark } from '../shell/theme';
import { formatClock, formatMoment } from '../time/format';
import { Dots, type PlacedDot } from './Dots';
import type { Dot } from './exemplars';
import { seriesColor } from './palette';
import { formatValue, type Columns } from './series';

interface Props {
  columns: Columns;
  hidden: ReadonlySet<number>;
  /** The series to bring out, or -1. */
  focused: number;
  dots: Dot[] | undefined;
  start: number;
  end: number;
  onHover: (index: number | null) => void;
  onZoom: (start: number, end: number) => void;
}

const height = 340;

/** Lines over time on a canvas. Hovering reports the sample under the pointer, dragging a range of seconds. */
export default function Graph({ columns, hidden, focused, dots, start, end, onHover, onZoom }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const isDark = useDark();
  const handlers = useRef({ onHover, onZoom });
  useEffect(() => {
    handlers.current = { onHover, onZoom };
  });
  const shape = columns.values.length;
  const bounds = useRef({ start, end });
  bounds.current = { start, end };
  const data = useMemo((): uPlot.AlignedData => [columns.times, ...columns.values], [columns]);
  const latest = useRef(data);
  latest.current = data;
  const [placed, setPlaced] = useState<PlacedDot[]>([]);
  const latestDots = useRef(dots);
  latestDots.current = dots;

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const css = getComputedStyle(element);
    const ink = css.getPropertyValue('color');
    const grid = css.getPropertyValue('border-top-color');
    const font = `11px ${css.fontFamily}`;
    const axis = { stroke: ink, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 } };
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        padding: [8, 12, 0, 0],
        cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 6 }, focus: { prox: 24 } },
        focus: { alpha: 0.35 },
        scales: { x: { time: true, range: () => [bounds.current.start, bounds.current.end] } },
        axes: [
          { ...axis, size: 42, space: 84, values: (_u, splits) => timeLabels(splits) },
          { ...axis, size: 60, values: (_u, splits) => splits.map(formatValue) },
        ],
        series: [
          {},
          ...Array.from({ length: shape }, (_, i) => ({
            stroke: seriesColor(i, isDark),
            width: 1.5,
            points: { size: 4 },
          })),
        ],
        hooks: {
          draw: [
            (u) =>
              setPlaced((before) =>
                latestDots.current?.length || before.length ? place(u, latestDots.current ?? []) : before,
              ),
          ],
          setCursor: [(u) => handlers.current.onHover(u.cursor.idx ?? null)],
          setSelect: [
            (u) => {
              if (u.select.width < 4) return;
              handlers.current.onZoom(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      latest.current,
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [shape, isDark]);

  useEffect(() => plot.current?.setData(data), [data, isDark]);
  useEffect(() => plot.current?.redraw(false), [dots]);
  useEffect(() => {
    const chart = plot.current;
    if (!chart) return;
    chart.batch(() => {
      for (let i = 0; i < shape; i++)
        if (chart.series[i + 1]?.show !== !hidden.has(i)) chart.setSeries(i + 1, { show: !hidden.has(i) });
    });
  }, [hidden, shape, isDark]);
  useEffect(() => {
    plot.current?.setSeries(focused < 0 ? null : focused + 1, { focus: focused >= 0 });
  }, [focused]);

  return (
    <div className="graph-stage">
      <div className="graph-canvas" style={{ minHeight: height }} ref={host} />
      {placed.length > 0 && <Dots placed={placed} width={host.current?.clientWidth ?? 0} />}
    </div>
  );
}

/** Where the dots stand; those beyond the scale of values at its edge, those outside the time left out. */
function place(u: uPlot, dots: Dot[]): PlacedDot[] {
  const { width, height: tall } = u.bbox;
  const ratio = devicePixelRatio || 1;
  const [left, top] = [u.bbox.left / ratio, u.bbox.top / ratio];
  const { min = 0, max = 0 } = u.scales['y'] ?? {};
  return dots.flatMap((dot) => {
    const x = u.valToPos(dot.time, 'x');
    if (x < 0 || x > width / ratio) return [];
    const isOutside = dot.value < (min ?? 0) || dot.value > (max ?? 0);
    const y = Math.min(tall / ratio, Math.max(0, u.valToPos(dot.value, 'y')));
    return [{ dot, x: left + x, y: top + (Number.isFinite(y) ? y : tall / ratio), isOutside }];
  });
}

/** Clock times; the date where a new day begins or the ticks are days apart. */
function timeLabels(splits: number[]): string[] {
  const gap = (splits[1] ?? 0) - (splits[0] ?? 0);
  return splits.map((t, i) => {
    const moment = formatMoment(t * 1000);
    const previous = splits[i - 1];
    const newDay = previous !== undefined && formatMoment(previous * 1000).slice(0, 10) !== moment.slice(0, 10);
    if (gap >= 86_400) return moment.slice(5, 10);
    const clock = formatClock(t * 1000).slice(0, gap < 60 ? 8 : 5);
    return newDay ? `${moment.slice(5, 10)}\n${clock}` : clock;
  });
}
