import type { Test, TestExecution, TestResult } from '../api/tests';
import type { Look } from '../kit/state';

/** What the figures of a test mean, in words. Pure. */

const looks: Record<TestResult, Look> = {
  passed: { tone: 'ok', label: 'Passed' },
  flaky: { tone: 'wait', label: 'Passed after failing', icon: 'rerun' },
  skipped: { tone: 'off', label: 'Skipped' },
  failed: { tone: 'bad', label: 'Failed' },
  error: { tone: 'fault', label: 'Error' },
};

export const lookOfTest = (result: TestResult): Look => looks[result] ?? { tone: 'off', label: result };

export const percentOf = (share: number): string => {
  const percent = share * 100;
  return `${percent > 0 && percent < 1 ? percent.toFixed(1) : Math.round(percent)} %`;
};

type Figures = Pick<
  Test,
  'executions' | 'failures' | 'mixedCommits' | 'judgedCommits' | 'flakiness' | 'flakinessAtLeast'
>;

/** How sure the figure of flakiness is, and where it comes from. */
export function explainFlakiness(test: Figures): string {
  if (test.judgedCommits === 0)
    return 'Nothing can be said yet: no commit failed or was tested twice, so none had the chance to end both ways.';
  const commits = (count: number): string => (count === 1 ? '1 commit' : `${count} commits`);
  const judged = `${commits(test.judgedCommits)} could have ended both ways: they failed, or were tested more than once.`;
  if (test.mixedCommits === 0)
    return test.failures > 0
      ? `${judged} None did: this test is broken where it fails, not flaky.`
      : `${judged} None did.`;
  return (
    `${judged} With ${test.mixedCommits} of them the same code both held and failed, which makes ${percentOf(test.flakiness)}. ` +
    `Few commits may mislead: with 95 % confidence the true share is at least ${percentOf(test.flakinessAtLeast)} ` +
    `(the lower end of Wilson's interval). The list is ordered by that.`
  );
}

/** What a test that fails is: the word people act on. */
export function kindOf(test: Figures): Look | undefined {
  if (test.mixedCommits > 0) return { tone: 'wait', label: 'Flaky' };
  if (test.failures > 0 && test.failures === test.executions) return { tone: 'bad', label: 'Broken' };
  return undefined;
}

/** How the latest durations compare with those before, as a factor; undefined where too few ran. Durations of skips say nothing. */
export function durationTrend(newestFirst: Pick<TestExecution, 'result' | 'durationSeconds'>[]): number | undefined {
  const ran = newestFirst.filter(({ result }) => result !== 'skipped').map(({ durationSeconds }) => durationSeconds);
  if (ran.length < 6) return undefined;
  const half = ran.length >> 1;
  const before = middle(ran.slice(half));
  return before > 0 ? middle(ran.slice(0, half)) / before : undefined;
}

function middle(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
