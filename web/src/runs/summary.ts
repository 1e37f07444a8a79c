import type { Run } from '../api/types';

/** The middle of the values; of an even number the mean of the two in the middle. */
export function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle];
  if (high === undefined) return undefined;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}

/** Successes among the runs that came to a verdict: cancelled and skipped ones say nothing about quality. */
export function successRate(runs: Pick<Run, 'result'>[]): number | undefined {
  const judged = runs.filter((run) => run.result && run.result !== 'cancellation' && run.result !== 'skip');
  return judged.length ? judged.filter((run) => run.result === 'success').length / judged.length : undefined;
}
