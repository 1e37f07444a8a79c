import type { Labels, Series } from '../api/types';

/** From answers to columns and words. Pure. */

/** A number for people: at most four digits that matter, with k, M, G … above a thousand. */
export function formatValue(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '−Inf';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e15 || size < 1e-4) return value.toExponential(2).replace('e+', 'e');
  const units = ['', ' k', ' M', ' G', ' T'];
  const tier = size < 1_000 ? 0 : Math.min(4, Math.floor(Math.log10(size) / 3));
  return `${String(Number((value / 1_000 ** tier).toPrecision(4)))}${units[tier] ?? ''}`.replace('-', '−');
}

export interface Columns {
  times: number[];
  /** One column per series, null where it has no sample. */
  values: (number | null)[][];
}

/** Lays series on the common grid of a range query: start, start + step, … end. */
export function alignSeries(series: Series[], start: number, end: number, step: number): Columns {
  const count = Math.floor((end - start) / step + 1e-6) + 1;
  const times = Array.from({ length: count }, (_, i) => start + i * step);
  const values = series.map((one) => {
    const column = new Array<number | null>(count).fill(null);
    for (const [time, text] of one.values ?? []) {
      const index = Math.round((time - start) / step);
      const value = parseSample(text);
      if (index >= 0 && index < count && Number.isFinite(value)) column[index] = value;
    }
    return column;
  });
  return { times, values };
}

export function parseSample(text: string): number {
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return Number(text);
}

/** The name every series shares and the labels in which they differ: what a legend has to say. */
export function legendNames(metrics: Labels[]): string[] {
  const first = metrics[0] ?? {};
  const common = new Set(
    Object.keys(first).filter((name) => metrics.length > 1 && metrics.every((metric) => metric[name] === first[name])),
  );
  const named = common.size === Object.keys(first).length && metrics.length > 1;
  return metrics.map((metric) => {
    const labels = Object.entries(metric).filter(([name]) => name !== '__name__' && (!common.has(name) || named));
    const text = labels.map(([name, value]) => `${name}="${value}"`).join(', ');
    return `${metric['__name__'] ?? ''}${text || !metric['__name__'] ? `{${text}}` : ''}`;
  });
}

export interface Extent {
  min: number | null;
  max: number | null;
  mean: number | null;
  last: number | null;
}

export function extentOf(column: (number | null)[]): Extent {
  const present = column.filter((value) => value !== null);
  if (present.length === 0) return { min: null, max: null, mean: null, last: null };
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  for (const value of present) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return { min, max, mean: sum / present.length, last: present.at(-1) ?? null };
}
