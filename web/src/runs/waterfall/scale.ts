/** The waterfall's time axis: a view is a window of ms on the run. All pure. */
export interface View {
  from: number;
  to: number;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const longSteps = [
  second,
  2 * second,
  5 * second,
  10 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
];

/** The distance between ticks: round to people, and at most `most` of them in the view. */
export function tickStep(view: View, most: number): number {
  const rough = (view.to - view.from) / Math.max(1, most);
  if (rough > second / 2) return longSteps.find((step) => step >= rough) ?? Math.ceil(rough / (24 * hour)) * 24 * hour;
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-6)));
  return ([1, 2, 5].find((m) => m * magnitude >= rough) ?? 10) * magnitude;
}

export interface Ticks {
  step: number;
  at: number[];
}

export function ticks(view: View, most: number): Ticks {
  const step = tickStep(view, most);
  const first = Math.ceil(view.from / step - 1e-9);
  const last = Math.floor(view.to / step + 1e-9);
  return { step, at: Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step) };
}

/** Where a time lies in the view: 0 is its left edge, 1 its right. */
export const fraction = (view: View, t: number): number => (t - view.from) / (view.to - view.from);

export const timeAt = (view: View, f: number): number => view.from + f * (view.to - view.from);

/** The part of a bar that is inside the view, as fractions; undefined if none is. */
export function clip(
  view: View,
  start: number,
  end: number,
): { left: number; width: number; cutLeft: boolean; cutRight: boolean } | undefined {
  const a = fraction(view, start);
  const b = fraction(view, end);
  if (b < 0 || a > 1) return undefined;
  const left = Math.max(0, a);
  return { left, width: Math.min(1, b) - left, cutLeft: a < 0, cutRight: b > 1 };
}

/** Keeps a view inside the bounds without changing its length, as far as it fits. */
export function within(view: View, bounds: View): View {
  const length = Math.min(view.to - view.from, bounds.to - bounds.from);
  const from = Math.min(Math.max(view.from, bounds.from), bounds.to - length);
  return { from, to: from + length };
}

/** The closest look: a thousandth of the whole, but never under a hundredth of a millisecond. */
export const shortestView = (bounds: View): number => Math.max(0.01, (bounds.to - bounds.from) / 1_000);

/** Zooms so that the time at `around` stays where it is; factor < 1 looks closer. */
export function zoom(view: View, bounds: View, around: number, factor: number): View {
  const length = Math.max(shortestView(bounds), (view.to - view.from) * factor);
  const share = fraction(view, around);
  return within({ from: around - share * length, to: around + (1 - share) * length }, bounds);
}

export const pan = (view: View, bounds: View, ms: number): View =>
  within({ from: view.from + ms, to: view.to + ms }, bounds);

/** A view from two ends in any order; undefined if a person hardly moved. */
export function between(bounds: View, a: number, b: number): View | undefined {
  const [from, to] = a < b ? [a, b] : [b, a];
  return to - from < shortestView(bounds) ? undefined : within({ from, to }, bounds);
}

/** A fraction as CSS wants it. */
export const percent = (f: number): string => `${(f * 100).toFixed(4)}%`;

export interface Marker {
  at: number;
  kind: 'alert' | 'action';
  text: string;
}

/** Markers too close together to be told apart become one flag, in the order of time. */
export function cluster(markers: Marker[], view: View, closest: number): { at: number; markers: Marker[] }[] {
  const groups: { at: number; markers: Marker[] }[] = [];
  for (const marker of markers.toSorted((a, b) => a.at - b.at)) {
    const last = groups.at(-1);
    if (last && fraction(view, marker.at) - fraction(view, last.at) < closest) last.markers.push(marker);
    else groups.push({ at: marker.at, markers: [marker] });
  }
  return groups.filter((group) => group.at >= view.from && group.at <= view.to);
}
