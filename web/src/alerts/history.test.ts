import { describe, expect, test } from 'vitest';
import type { Execution, Series } from '../api/types';
import { linkOf, toneOfKind } from '../journal/chain';
import { median, successRate } from '../runs/summary';
import { actionsOf, pastAlerts, stretchesOf } from './history';
import { alertId, runOf } from './identity';

const sample = (state: string, labels: Record<string, string>, ...seconds: number[]): Series => ({
  metric: { __name__: 'ALERTS', alertstate: state, ...labels },
  values: seconds.map((t) => [t, '1']),
});
const slow = { alertname: 'Slow', route: '/a' };

describe('stretches', () => {
  test('join pending and firing of one alert, in order', () => {
    const [entry] = stretchesOf([sample('firing', slow, 30, 45), sample('pending', slow, 0, 15)]).values();
    expect(entry?.stretches).toEqual([
      { from: 0, until: 15_000, state: 'pending' },
      { from: 30_000, until: 45_000, state: 'firing' },
    ]);
  });
  test('split where the alert was away for long', () => {
    const [entry] = stretchesOf([sample('firing', slow, 0, 15, 600)]).values();
    expect(entry?.stretches).toHaveLength(2);
  });
});

describe('past alerts', () => {
  const execution: Execution = {
    id: 'x',
    policy: 'p',
    action: 'a',
    status: 'succeeded',
    alert: { alertname: 'Gone', labels: { alertname: 'Gone' } },
    causedAt: '1970-01-01T00:10:00Z',
  };
  test('have fired and do not any more, latest first; an action remembers what the samples do not', () => {
    const history = stretchesOf([
      sample('firing', slow, 30, 45),
      sample('pending', { alertname: 'Never' }, 30),
      sample('firing', { alertname: 'Still' }, 50),
    ]);
    const past = pastAlerts(history, [{ labels: { alertname: 'Still' }, state: 'firing' }], [execution]);
    expect(past.map((alert) => [alert.labels['alertname'], alert.until])).toEqual([
      ['Gone', undefined],
      ['Slow', 45_000],
    ]);
  });
  test('find their executions by labels in any order', () => {
    expect(actionsOf({ alertname: 'Gone' }, [execution])).toHaveLength(1);
    expect(actionsOf({ alertname: 'Gone', more: '1' }, [execution])).toHaveLength(0);
  });
});

test('an alert is named the same whatever the order of its labels', () => {
  expect(alertId({ b: '2', a: '1' })).toBe(alertId({ a: '1', b: '2' }));
  expect(alertId({ a: '1' })).toMatch(/^[0-9a-f]{8}$/);
});

test('an alert points at a run only by a trace id', () => {
  expect(runOf({ run: 'a'.repeat(32) })).toBe('a'.repeat(32));
  expect(runOf({ run: '17' }, { summary: 'run 17' })).toBeUndefined();
  expect(runOf({}, { trace_id: 'b'.repeat(32) })).toBe('b'.repeat(32));
});

describe('the chain', () => {
  const entry = (position: number, hash: string, previousHash: string) => ({
    position,
    hash,
    previousHash,
    at: '',
    kind: '',
    actor: '',
    subject: '',
  });
  test('is linked, broken, or not known from here', () => {
    const entries = [entry(3, 'd', 'c'), entry(2, 'c', 'x'), entry(1, 'b', 'a')];
    expect([0, 1, 2].map((i) => linkOf(entries, i))).toEqual(['linked', 'broken', 'unknown']);
    expect(linkOf([entry(0, 'a', '0'.repeat(64))], 0)).toBe('linked');
  });
  test.each([
    ['action.succeeded', 'ok'],
    ['action.failed', 'bad'],
    ['action.allowed', 'wait'],
    ['action.refused', 'off'],
    ['plain', 'off'],
  ])('%s looks %s', (kind, tone) => expect(toneOfKind(kind)).toBe(tone));
});

test('the median of even and odd counts, and of none', () =>
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, undefined]));
test('cancelled runs count neither way', () =>
  expect(successRate([{ result: 'success' }, { result: 'failure' }, { result: 'cancellation' }])).toBe(0.5));
