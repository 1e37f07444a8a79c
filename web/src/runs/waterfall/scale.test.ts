import { describe, expect, test } from 'vitest';
import { between, clip, cluster, fraction, pan, ticks, timeAt, within, zoom } from './scale';

const bounds = { from: 0, to: 10_000 };

describe('ticks', () => {
  test.each([
    [10_000, 10, 1_000],
    [10_000, 4, 5_000],
    [95_000, 8, 15_000],
    [7_200_000, 8, 900_000],
    [800, 8, 100],
    [3, 6, 0.5],
    [0.04, 4, 0.01],
    [864_000_000, 5, 172_800_000],
  ])('%s ms with at most %s ticks go by %s', (length, most, step) => {
    const { step: chosen, at } = ticks({ from: 0, to: length }, most);
    expect(chosen).toBeCloseTo(step, 9);
    expect(at.length).toBeLessThanOrEqual(most + 1);
  });

  test('lie on multiples of the step and inside the view', () => {
    const { step, at } = ticks({ from: 1_234, to: 8_765 }, 6);
    expect(at).toEqual([2_000, 4_000, 6_000, 8_000]);
    expect(step).toBe(2_000);
  });
});

describe('views', () => {
  test("a fraction and a time are each other's inverse", () => {
    const view = { from: 250, to: 1_250 };
    expect(timeAt(view, fraction(view, 700))).toBeCloseTo(700);
  });

  test('zooming keeps the time under the pointer in its place', () => {
    const view = zoom(bounds, bounds, 2_000, 0.5);
    expect(fraction(view, 2_000)).toBeCloseTo(0.2);
    expect(view.to - view.from).toBeCloseTo(5_000);
  });

  test('zooming out stops at the whole, zooming in at a thousandth', () => {
    expect(zoom({ from: 4_000, to: 6_000 }, bounds, 5_000, 100)).toEqual(bounds);
    let view = { ...bounds };
    for (let i = 0; i < 100; i++) view = zoom(view, bounds, 5_000, 0.5);
    expect(view.to - view.from).toBeCloseTo(10);
  });

  test('moving stops at the ends', () => {
    expect(pan({ from: 1_000, to: 2_000 }, bounds, -5_000)).toEqual({ from: 0, to: 1_000 });
    expect(pan({ from: 1_000, to: 2_000 }, bounds, 50_000)).toEqual({ from: 9_000, to: 10_000 });
  });

  test('a view longer than the bounds becomes the bounds', () =>
    expect(within({ from: -5, to: 20_000 }, bounds)).toEqual(bounds));

  test('a drag works in both directions and ignores a twitch', () => {
    expect(between(bounds, 4_000, 1_000)).toEqual({ from: 1_000, to: 4_000 });
    expect(between(bounds, 4_000, 4_001)).toBeUndefined();
  });
});

describe('clipping', () => {
  const view = { from: 1_000, to: 2_000 };
  test.each([
    ['inside', 1_250, 1_500, { left: 0.25, width: 0.25, cutLeft: false, cutRight: false }],
    ['over the left edge', 500, 1_500, { left: 0, width: 0.5, cutLeft: true, cutRight: false }],
    ['over both edges', 0, 9_000, { left: 0, width: 1, cutLeft: true, cutRight: true }],
    ['before', 0, 900, undefined],
    ['after', 2_100, 2_200, undefined],
  ])('a bar %s', (_where, start, end, expected) => expect(clip(view, start, end)).toEqual(expected));
});

test('markers that would touch become one flag, in the order of time', () => {
  const groups = cluster(
    [
      { at: 5_010, kind: 'action', text: 'rerun' },
      { at: 5_000, kind: 'alert', text: 'failed' },
      { at: 9_000, kind: 'alert', text: 'slow' },
      { at: 90_000, kind: 'alert', text: 'outside' },
    ],
    bounds,
    0.1,
  );
  expect(groups.map((group) => group.markers.map((marker) => marker.text))).toEqual([['failed', 'rerun'], ['slow']]);
});
