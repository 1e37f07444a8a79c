import { describe, expect, test } from 'vitest';
import type { Alert, Execution, JournalEntry, Page, Run, Target } from '../api/types';
import { applyAction, applyAlert, applyJournal, applyRun, applyTarget, labelKey, type Pages } from './reducer';

const run = (id: string, extra: Partial<Run> = {}): Run => ({
  id,
  system: 'step',
  pipeline: 'shop',
  state: 'executing',
  ...extra,
});
const list = <T>(...pages: T[][]): Pages<Page<T>> => ({
  pages: pages.map((items) => ({ items })),
  pageParams: pages.map(() => ''),
});
const ids = (pages: Pages<Page<{ id: string }>>): string[][] =>
  pages.pages.map((page) => page.items.map((item) => item.id));

describe('runs', () => {
  test('a new run comes on top', () =>
    expect(ids(applyRun(list([run('b')], [run('a')]), run('c'), {}))).toEqual([['c', 'b'], ['a']]));

  test('a known run changes where it stands, on whatever page', () => {
    const next = applyRun(list([run('b')], [run('a')]), run('a', { state: 'finished', result: 'success' }), {});
    expect(ids(next)).toEqual([['b'], ['a']]);
    expect(next.pages[1]?.items[0]?.result).toBe('success');
  });

  test('a run that no longer fits the filter leaves, one that never fitted stays out', () => {
    const filter = { state: 'executing' };
    expect(ids(applyRun(list([run('a'), run('b')]), run('a', { state: 'finished' }), filter))).toEqual([['b']]);
    expect(ids(applyRun(list([run('b')]), run('c', { state: 'pending' }), filter))).toEqual([['b']]);
  });

  test('a commit is compared by its beginning', () => {
    expect(ids(applyRun(list<Run>([]), run('a', { commit: 'abcdef' }), { commit: 'abc' }))).toEqual([['a']]);
    expect(ids(applyRun(list<Run>([]), run('a', { commit: 'abcdef' }), { commit: 'def' }))).toEqual([[]]);
  });

  test('a search finds each of its words somewhere', () => {
    const payments = run('a', { pipeline: 'payments', branch: 'Refunds', actor: 'ada' });
    const found = (search: string): string[][] => ids(applyRun(list<Run>([]), payments, { search }));
    expect(found('refund ADA')).toEqual([['a']]);
    expect(found('refund grace')).toEqual([[]]);
  });

  test('a list in another order takes what is new from the server, and what it knows from the event', () => {
    const byDuration = { sort: 'duration', order: 'desc' };
    expect(ids(applyRun(list([run('a')]), run('b'), byDuration))).toEqual([['a']]);
    expect(applyRun(list([run('a')]), run('a', { number: '7' }), byDuration).pages[0]?.items[0]?.number).toBe('7');
  });

  test('the list before is left as it was', () => {
    const before = list([run('a')]);
    applyRun(before, run('b'), {});
    expect(ids(before)).toEqual([['a']]);
  });
});

test('an execution that changes its status moves between filtered lists', () => {
  const action = (status: Execution['status']): Execution => ({ id: 'x', policy: 'p', action: 'a', status });
  expect(ids(applyAction(list([action('running')]), action('succeeded'), 'running'))).toEqual([[]]);
  expect(ids(applyAction(list<Execution>([]), action('succeeded'), 'succeeded'))).toEqual([['x']]);
});

test('journal entries raise the head even when the filter keeps them out', () => {
  const entry = (position: number, kind: string): JournalEntry => ({
    position,
    kind,
    at: '',
    actor: '',
    subject: '',
    hash: '',
    previousHash: '',
  });
  const before = { pages: [{ items: [entry(1, 'a')], head: 2 }], pageParams: [''] };
  const next = applyJournal(before, entry(2, 'b'), { kind: 'a' });
  expect(next.pages[0]?.items).toHaveLength(1);
  expect(next.pages[0]?.head).toBe(3);
  expect(applyJournal(next, entry(3, 'a'), { kind: 'a' }).pages[0]?.items.map((e) => e.position)).toEqual([3, 1]);
});

test('a kind without its last word stands for all of them', () => {
  const entry = { position: 0, kind: 'action.allowed', at: '', actor: '', subject: '', hash: '', previousHash: '' };
  const empty = { pages: [{ items: [], head: 0 }], pageParams: [''] };
  expect(applyJournal(empty, entry, { kind: 'action' }).pages[0]?.items).toHaveLength(1);
  expect(applyJournal(empty, entry, { kind: 'act' }).pages[0]?.items).toHaveLength(0);
});

describe('alerts', () => {
  const alert = (state: string, labels: Record<string, string> = { alertname: 'Slow', route: '/a' }): Alert => ({
    state,
    labels,
  });
  test('are the same when their labels are, in any order', () => {
    const next = applyAlert([alert('pending')], alert('firing', { route: '/a', alertname: 'Slow' }));
    expect(next.map((a) => a.state)).toEqual(['firing']);
  });
  test.each(['inactive', 'resolved', ''])('leave when they are %j', (state) =>
    expect(applyAlert([alert('firing')], alert(state))).toEqual([]),
  );
  test('label keys tell values apart that joining would confuse', () =>
    expect(labelKey({ a: 'b,c=d' })).not.toBe(labelKey({ a: 'b', c: 'd' })));
});

test('targets are replaced in place and appended when new', () => {
  const target = (url: string, health: string): Target => ({
    scrapePool: 'p',
    scrapeUrl: url,
    labels: { instance: url },
    health,
  });
  expect(applyTarget([target('a', 'up'), target('b', 'up')], target('a', 'down')).map((t) => t.health)).toEqual([
    'down',
    'up',
  ]);
  expect(applyTarget([target('a', 'up')], target('c', 'up'))).toHaveLength(2);
});
