import { describe, expect, test } from 'vitest';
import {
  formatAgo,
  formatDuration,
  formatOffset,
  formatPeriod,
  formatPromDuration,
  formatTicking,
  parseDuration,
  parseTime,
} from './format';

describe('durations', () => {
  test.each([
    [undefined, '–'],
    [Number.NaN, '–'],
    [0, '0 s'],
    [0.0000004, '0 µs'],
    [0.00042, '420 µs'],
    [0.0031, '3.1 ms'],
    [0.018, '18 ms'],
    [0.9994, '999 ms'],
    [0.9999, '1.0 s'],
    [4.12, '4.1 s'],
    [9.96, '10 s'],
    [42.4, '42 s'],
    [59.7, '1 m 00 s'],
    [125, '2 m 05 s'],
    [3_600, '1 h 00 m'],
    [11_520, '3 h 12 m'],
    [187_200, '2 d 4 h'],
    [-3, '−3.0 s'],
  ])('%s seconds read %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  test('a ticking duration shows whole seconds and never less than none', () => {
    expect([-1, 0.9, 7.99, 61.5].map(formatTicking)).toEqual(['0 s', '0 s', '7 s', '1 m 01 s']);
  });

  test.each([
    [300, '5 m'],
    [5_400, '1 h 30 m'],
    [5, '5 s'],
    [86_400, '1 d'],
    [0.5, '500 ms'],
    [undefined, '–'],
  ])('a period of %s reads %s', (seconds, text) => expect(formatPeriod(seconds)).toBe(text));

  test.each([
    ['5m', 300],
    ['1h30m', 5_400],
    ['90', 90],
    ['2.5', 2.5],
    ['250ms', 0.25],
    ['1d', 86_400],
    ['', undefined],
    ['5 minutes', undefined],
    ['m5', undefined],
  ])('Prometheus duration %j is %s seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  test.each([0.25, 1, 15, 90, 3_600, 5_400, 86_400, 604_800])('%s seconds survive writing and reading', (seconds) =>
    expect(parseDuration(formatPromDuration(seconds))).toBe(seconds),
  );
});

describe('moments', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  test.each([
    ['2026-03-01T12:00:00Z', 'now'],
    ['2026-03-01T11:59:48Z', '12 s ago'],
    ['2026-03-01T11:56:00Z', '4 m ago'],
    ['2026-03-01T09:00:00Z', '3 h ago'],
    ['2026-02-27T12:00:00Z', '2 d ago'],
    ['2026-03-01T12:00:05Z', 'in 5 s'],
    ['', '–'],
    ['rubbish', '–'],
    ['0001-01-01T00:00:00Z', '–'],
  ])('%j is %s', (time, text) => expect(formatAgo(time, now)).toBe(text));

  test("Go's zero time is no time", () => expect(parseTime('0001-01-01T00:00:00Z')).toBeUndefined());
});

describe('offsets on the axis', () => {
  test.each([
    [0, 1_000, '0'],
    [0.25, 0.05, '0.25 ms'],
    [400, 100, '400 ms'],
    [2_500, 500, '2.5 s'],
    [5_000, 5_000, '5 s'],
    [90_000, 30_000, '1:30'],
    [61_500, 500, '1:01.5'],
    [3_725_000, 600_000, '1:02:05'],
  ])('%s ms between ticks of %s reads %s', (ms, step, text) => expect(formatOffset(ms, step)).toBe(text));
});
