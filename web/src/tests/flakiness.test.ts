import { describe, expect, test } from 'vitest';
import type { TestResult } from '../api/tests';
import { durationTrend, explainFlakiness, kindOf, percentOf } from './flakiness';

const figures = { executions: 10, failures: 2, mixedCommits: 0, judgedCommits: 0, flakiness: 0, flakinessAtLeast: 0 };

describe('flakiness in words', () => {
  test('nothing can be said where no commit had the chance', () =>
    expect(explainFlakiness(figures)).toContain('Nothing can be said'));
  test('failing always is broken, not flaky', () =>
    expect(explainFlakiness({ ...figures, judgedCommits: 2 })).toContain('broken where it fails, not flaky'));
  test('says how many, how much and how sure', () => {
    const text = explainFlakiness({
      ...figures,
      judgedCommits: 4,
      mixedCommits: 1,
      flakiness: 0.25,
      flakinessAtLeast: 0.046,
    });
    for (const part of ['4 commits', '1 of them', '25 %', 'at least 5 %']) expect(text).toContain(part);
  });
});

test.each([
  [{ ...figures, mixedCommits: 1 }, 'Flaky'],
  [{ ...figures, failures: 10 }, 'Broken'],
  [figures, undefined],
])('%j is %s', (of, label) => expect(kindOf(of)?.label).toBe(label));

test.each([
  [0, '0 %'],
  [0.004, '0.4 %'],
  [0.5, '50 %'],
])('%d is %s', (share, text) => expect(percentOf(share)).toBe(text));

describe('the trend of durations', () => {
  const ran = (...seconds: number[]) =>
    seconds.map((durationSeconds) => ({ result: 'passed' as TestResult, durationSeconds }));
  test('compares the later half with the earlier', () => expect(durationTrend(ran(4, 4, 4, 2, 2, 2))).toBe(2));
  test('says nothing of a few', () => expect(durationTrend(ran(4, 2))).toBeUndefined());
  test('leaves out what was skipped', () =>
    expect(durationTrend([...ran(4, 4, 4, 2, 2), { result: 'skipped', durationSeconds: 0 }])).toBeUndefined());
});
