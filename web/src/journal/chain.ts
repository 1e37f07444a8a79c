import type { JournalEntry } from '../api/types';

/** Whether an entry links to the one before it, as far as both are at hand. Entries are newest first. */
export function linkOf(entries: JournalEntry[], index: number): 'linked' | 'broken' | 'unknown' {
  const entry = entries[index];
  if (!entry) return 'unknown';
  if (entry.position === 0) return /^0*$/.test(entry.previousHash) ? 'linked' : 'broken';
  const before = entries[index + 1];
  if (!before || before.position !== entry.position - 1) return 'unknown';
  return before.hash === entry.previousHash ? 'linked' : 'broken';
}

/** The meaning of a kind, by its last word: `action.refused` → refused. */
export function toneOfKind(kind: string): 'ok' | 'bad' | 'wait' | 'going' | 'off' {
  const verdict = kind.slice(kind.lastIndexOf('.') + 1);
  if (/^(succeeded|resolved|approved|loaded)$/.test(verdict)) return 'ok';
  if (/^(failed|interrupted|rejected|error)$/.test(verdict)) return 'bad';
  if (/^(started|running)$/.test(verdict)) return 'going';
  if (/^(allowed|requested|fired)$/.test(verdict)) return 'wait';
  return 'off';
}
