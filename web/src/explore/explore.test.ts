import { describe, expect, test } from 'vitest';
import { toggled } from './GraphPanel';
import { alignSeries, extentOf, formatValue, legendNames } from './series';
import { autoStep, errorPosition, formatExplore, parseExplore } from './urlState';

describe('the address', () => {
  test.each([
    '',
    'q=up',
    'q=up&q=rate%28x%5B5m%5D%29&range=6h',
    'q=up&range=30m&end=1772366400.5&step=15s&tab=table',
    'q=up&refresh=5s',
  ])('%j survives reading and writing', (text) =>
    expect(formatExplore(parseExplore(new URLSearchParams(text))).toString()).toBe(text),
  );

  test.each(['range=never', 'range=0', 'end=-1', 'end=x', 'step=0', 'tab=pie'])(
    'nonsense like %s falls back',
    (text) => {
      expect(formatExplore(parseExplore(new URLSearchParams(`q=up&${text}`))).toString()).toBe('q=up');
    },
  );

  test('there is always one query to type into', () =>
    expect(parseExplore(new URLSearchParams()).queries).toEqual(['']));
});

test.each([
  [300, 2],
  [3_600, 15],
  [86_400, 600],
  [2_592_000, 14_400],
  [31_536_000, 172_800],
])('%s seconds are looked at every %s', (range, step) => expect(autoStep(range)).toBe(step));

test.each([
  [
    'invalid parameter "query": 1:5: parse error: unexpected <by>',
    { line: 1, column: 5, message: 'parse error: unexpected <by>' },
  ],
  [
    '2:11: parse error: unclosed left parenthesis',
    { line: 2, column: 11, message: 'parse error: unclosed left parenthesis' },
  ],
  ['query timed out in expression evaluation', undefined],
  ['invalid parameter "query": unknown position: parse error: no expression found in input', undefined],
])('the position in %j', (message, position) => expect(errorPosition(message)).toEqual(position));

describe('values', () => {
  test.each([
    [null, '–'],
    [0, '0'],
    [1, '1'],
    [0.04803, '0.04803'],
    [12.34567, '12.35'],
    [1_234, '1.234 k'],
    [88_000_000, '88 M'],
    [-1_500, '−1.5 k'],
    [0.00001, '1.00e-5'],
    [Number.NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '−Inf'],
  ])('%s reads %s', (value, text) => expect(formatValue(value)).toBe(text));

  test('series are laid on the grid, holes stay holes, what is no number is a hole', () => {
    const { times, values } = alignSeries(
      [
        {
          metric: {},
          values: [
            [10, '1'],
            [30, 'NaN'],
            [40, '4'],
          ],
        },
      ],
      10,
      40,
      10,
    );
    expect(times).toEqual([10, 20, 30, 40]);
    expect(values).toEqual([[1, null, null, 4]]);
  });

  test('an extent leaves holes out', () => {
    expect(extentOf([null, 2, null, 4])).toEqual({ min: 2, max: 4, mean: 3, last: 4 });
    expect(extentOf([null])).toEqual({ min: null, max: null, mean: null, last: null });
  });
});

describe('the legend', () => {
  test('says only what differs', () => {
    expect(
      legendNames([
        { __name__: 'up', job: 'a', dc: 'x' },
        { __name__: 'up', job: 'b', dc: 'x' },
      ]),
    ).toEqual(['up{job="a"}', 'up{job="b"}']);
  });
  test('says everything of a single series', () =>
    expect(legendNames([{ __name__: 'up', job: 'a' }])).toEqual(['up{job="a"}']));
  test('has a name for a series without labels', () => expect(legendNames([{}])).toEqual(['{}']));
  test('a click toggles, a click with a modifier isolates and brings back', () => {
    expect([...toggled(new Set(), 1, false, 3)]).toEqual([1]);
    expect([...toggled(new Set([1]), 1, false, 3)]).toEqual([]);
    expect([...toggled(new Set(), 1, true, 3)]).toEqual([0, 2]);
    expect([...toggled(new Set([0, 2]), 1, true, 3)]).toEqual([]);
  });
});
