import type { IconName } from './Icon';
import type { Execution, Run, RunResult, RunState } from '../api/types';

/** The six meanings a colour may have. Everything with a state maps to one of them. */
export type Tone = 'ok' | 'bad' | 'fault' | 'going' | 'wait' | 'off';

export interface Look {
  tone: Tone;
  label: string;
  /** A sign of its own instead of its tone's. */
  icon?: IconName;
}

const results: Record<RunResult, Look> = {
  success: { tone: 'ok', label: 'Succeeded' },
  failure: { tone: 'bad', label: 'Failed' },
  error: { tone: 'fault', label: 'Error' },
  timeout: { tone: 'fault', label: 'Timed out' },
  cancellation: { tone: 'off', label: 'Cancelled' },
  skip: { tone: 'off', label: 'Skipped' },
};

const states: Record<Exclude<RunState, 'finished'>, Look> = {
  pending: { tone: 'wait', label: 'Queued' },
  executing: { tone: 'going', label: 'Running' },
  finalizing: { tone: 'going', label: 'Finalizing' },
};

/** A run, a task or a step. One without state has no say. */
export function lookOf(item: { state?: RunState | undefined; result?: RunResult | undefined }): Look {
  if (item.state && item.state !== 'finished') return states[item.state] ?? { tone: 'off', label: item.state };
  if (item.result) return results[item.result] ?? { tone: 'off', label: item.result };
  return { tone: 'off', label: 'Finished' };
}

/** The raw word behind the look, for `data-state`. */
export const rawState = (item: Pick<Run, 'state' | 'result'>): string =>
  item.state === 'finished' ? (item.result ?? 'finished') : item.state;

const executions: Record<Execution['status'], Look> = {
  allowed: { tone: 'wait', label: 'Allowed' },
  refused: { tone: 'off', label: 'Refused' },
  dry_run: { tone: 'off', label: 'Dry run' },
  running: { tone: 'going', label: 'Running' },
  succeeded: { tone: 'ok', label: 'Succeeded' },
  failed: { tone: 'bad', label: 'Failed' },
};

export const lookOfExecution = (status: Execution['status']): Look =>
  executions[status] ?? { tone: 'off', label: status };

export function lookOfAlert(state: string): Look {
  if (state === 'firing') return { tone: 'bad', label: 'Firing', icon: 'alert' };
  if (state === 'pending') return { tone: 'wait', label: 'Pending' };
  return { tone: 'ok', label: 'Resolved' };
}

export function lookOfHealth(health: string): Look {
  if (health === 'up' || health === 'ok') return { tone: 'ok', label: health === 'up' ? 'Up' : 'Ok' };
  if (health === 'down' || health === 'err') return { tone: 'bad', label: health === 'down' ? 'Down' : 'Error' };
  return { tone: 'wait', label: 'Unknown' };
}
