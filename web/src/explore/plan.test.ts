import { describe, expect, test } from 'vitest';
import type { PlanPart } from '../api/types';
import { parseNote, placeOf, planRows, suggestionsOf } from './plan';

const part = (operator: string, own: number, children: PlanPart[] = [], extra: Partial<PlanPart> = {}): PlanPart => ({
  operator,
  expression: operator,
  type: 'vector',
  steps: 1,
  seriesSelected: 0,
  seriesIn: 0,
  seriesOut: 0,
  samplesRead: 0,
  samplesTouched: 0,
  inclusiveSeconds: own + children.reduce((sum, child) => sum + child.inclusiveSeconds, 0),
  exclusiveSeconds: own,
  sourceSeconds: 0,
  children,
  ...extra,
});

describe('rows of a plan', () => {
  const plan = part('sum', 1, [part('rate', 6, [], { sourceSeconds: 4 }), part('vector', 1)]);

  test('stand in the order of the plan, with their share of the whole', () => {
    const rows = planRows(plan, new Set());
    expect(rows.map((row) => [row.id, row.depth, row.part.operator])).toEqual([
      ['0', 0, 'sum'],
      ['0.0', 1, 'rate'],
      ['0.1', 1, 'vector'],
    ]);
    expect(rows.map((row) => [row.inclusive, row.own, row.source])).toEqual([
      [1, 0.125, 0],
      [0.75, 0.75, 0.5],
      [0.125, 0.125, 0],
    ]);
    expect(rows.filter((row) => row.isCostliest).map((row) => row.part.operator)).toEqual(['rate']);
  });

  test('below a closed part are left out', () =>
    expect(planRows(plan, new Set(['0'])).map((row) => row.id)).toEqual(['0']));

  test('of one part alone do not call it the costliest', () =>
    expect(planRows(part('up', 3), new Set())[0]?.isCostliest).toBe(false));

  test('a query too quick to be measured has shares, not rubbish', () =>
    expect(planRows(part('up', 0), new Set())[0]).toMatchObject({ inclusive: 0, own: 0 }));
});

describe('the place of a part in the query', () => {
  test.each([
    ['rate(a[5m])', 'sum(rate(a[5m]))', 4, 15],
    ['sum by (job) (rate(a[5m]))', 'sum by(job)(\n  rate(a[5m])\n)', 0, 28],
    ['sum(rate(a…', 'sum(rate(abc[5m]))', 0, 18],
  ])('%s in %s', (expression, query, from, to) => expect(placeOf(expression, query)).toEqual({ from, to }));

  test('what is not there has none', () => expect(placeOf('b', 'up')).toBeUndefined());
});

describe('notes', () => {
  test('say where they belong', () =>
    expect(parseNote('info', 'PromQL info: metric might not be a counter: "up" (1:20)')).toEqual({
      severity: 'info',
      message: 'metric might not be a counter: "up"',
      line: 1,
      column: 20,
    }));
  test('may belong nowhere', () =>
    expect(parseNote('warning', 'results were cut')).toEqual({ severity: 'warning', message: 'results were cut' }));
  test('suggestions of a plan stand at their selectors', () => {
    const plan = part('sum', 0, [part('rate', 0, [], { expression: 'rate(upp[5m])', suggestion: 'no "upp"' })]);
    expect(suggestionsOf(plan, 'sum(rate(upp[5m]))')).toEqual([
      { severity: 'warning', message: 'no "upp"', at: { from: 4, to: 17 } },
    ]);
  });
});
