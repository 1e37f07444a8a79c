import type { Alert, Execution, JournalEntry, Run, Target } from '../api/types';

/** What `/api/flyball/live` tells. */
export type LiveEvent =
  | { kind: 'run'; data: Run }
  | { kind: 'alert'; data: Alert }
  | { kind: 'action'; data: Execution }
  | { kind: 'journal'; data: JournalEntry }
  | { kind: 'target'; data: Target };

export const liveKinds = [
  'run',
  'alert',
  'action',
  'journal',
  'target',
] as const satisfies readonly LiveEvent['kind'][];

/** Reads one server-sent event; undefined for one that is not ours or damaged. */
export function parseEvent(kind: string, data: string): LiveEvent | undefined {
  if (!liveKinds.some((known) => known === kind)) return undefined;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? ({ kind, data: value } as LiveEvent) : undefined;
  } catch {
    return undefined;
  }
}
