import type { Labels } from '../api/types';
import { labelKey } from '../live/reducer';

/** A short name for a label set, for addresses: 32 bits of FNV-1a in hex. */
export function alertId(labels: Labels): string {
  let hash = 0x811c9dc5;
  for (const char of labelKey(labels)) {
    hash ^= char.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

const runLabels = ['run', 'run_id', 'trace_id', 'cicd_pipeline_run_id'];

/** The run an alert itself points at, by a label or an annotation that holds a trace id. */
export function runOf(labels: Labels, annotations: Labels = {}): string | undefined {
  return runLabels
    .map((name) => labels[name] ?? annotations[name])
    .find((value) => value !== undefined && /^[0-9a-f]{32}$/.test(value));
}
