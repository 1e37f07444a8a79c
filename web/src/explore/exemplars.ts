import type { ExemplarSeries, Labels } from '../api/types';
import { parseSample } from './series';

/** A sample that names the trace it was measured in. */
export interface Dot {
  /** Unix seconds. */
  time: number;
  value: number;
  labels: Labels;
  series: Labels;
  traceId: string | undefined;
}

/** More dots than this are a blot: of more, the highest are kept, for they are what people look for. */
const mostDots = 150;

/** The dots of all series by time, each trace once. */
export function dotsOf(series: ExemplarSeries[]): Dot[] {
  const dots = series.flatMap(({ seriesLabels, exemplars }) =>
    exemplars.map((one) => ({
      time: one.timestamp,
      value: parseSample(one.value),
      labels: one.labels,
      series: seriesLabels,
      traceId: traceOf(one.labels),
    })),
  );
  // The buckets of a histogram may hold the same measurement several times.
  const different = [...new Map(dots.map((dot) => [`${dot.traceId} ${dot.time} ${dot.value}`, dot])).values()];
  return different
    .filter((dot) => Number.isFinite(dot.value))
    .sort((a, b) => b.value - a.value)
    .slice(0, mostDots)
    .sort((a, b) => a.time - b.time);
}

/** The trace an exemplar names, by whichever of the usual labels, as 32 digits. */
function traceOf(labels: Labels): string | undefined {
  const id = labels['trace_id'] ?? labels['traceID'] ?? labels['traceId'] ?? labels['trace:id'];
  return id && /^[0-9a-f]{1,32}$/i.test(id) ? id.toLowerCase().padStart(32, '0') : undefined;
}
