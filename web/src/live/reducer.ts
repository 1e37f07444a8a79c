import type { JournalFilter, RunFilter } from '../api/queries';
import type { Alert, Execution, JournalEntry, Labels, Page, Run, Target } from '../api/types';

/** Pure steps from a cached list and one live event to the next list. A step that changes nothing returns its input. */

export interface Pages<P extends Page<unknown>> {
  pages: P[];
  pageParams: unknown[];
}

/** Replaces the item of the same key wherever it is, else puts the new one on top. */
export function upsert<T, P extends Page<T>>(list: Pages<P>, item: T, keyOf: (item: T) => string | number): Pages<P> {
  const key = keyOf(item);
  let found = false;
  const pages = list.pages.map((page) => {
    const index = page.items.findIndex((other) => keyOf(other) === key);
    if (index < 0) return page;
    found = true;
    return { ...page, items: page.items.with(index, item) };
  });
  const first = list.pages[0];
  if (!found && first) pages[0] = { ...first, items: [item, ...first.items] };
  return { ...list, pages };
}

function remove<T, P extends Page<T>>(list: Pages<P>, matches: (item: T) => boolean): Pages<P> {
  if (!list.pages.some((page) => page.items.some(matches))) return list;
  return {
    ...list,
    pages: list.pages.map((page) => ({ ...page, items: page.items.filter((item) => !matches(item)) })),
  };
}

/** The texts a search looks through; the server has the same (docs/api.md, "Runs"). */
const searched = [
  'pipeline',
  'number',
  'branch',
  'commit',
  'actor',
  'repository',
  'change',
  'runId',
  'environment',
  'trigger',
  'system',
  'errorType',
] as const;

function says(run: Run, words: string): boolean {
  const texts = searched.map((name) => (run[name] ?? '').toLowerCase());
  return words
    .toLowerCase()
    .split(' ')
    .every((word) => texts.some((text) => text.includes(word)));
}

export function matchesRunFilter(run: Run, { search, sort: _sort, order: _order, ...columns }: RunFilter): boolean {
  if (search && !says(run, search)) return false;
  return Object.entries(columns).every(([name, wanted]) => {
    if (!wanted) return true;
    const value = run[name as keyof typeof columns] ?? '';
    return name === 'commit' ? value.toLowerCase().startsWith(wanted.toLowerCase()) : value === wanted;
  });
}

/** A run that no longer fits the filter (it is not running any more) leaves the list. */
export function applyRun(list: Pages<Page<Run>>, run: Run, filter: RunFilter): Pages<Page<Run>> {
  const keyOf = (other: Run): string => other.id;
  if (!matchesRunFilter(run, filter)) return remove<Run, Page<Run>>(list, (other) => other.id === run.id);
  // Where a new run stands in a list by duration only the server knows; it is asked again soon.
  const known = list.pages.some((page) => page.items.some((other) => other.id === run.id));
  return filter.sort && !known ? list : upsert(list, run, keyOf);
}

export function applyAction(list: Pages<Page<Execution>>, action: Execution, status: string): Pages<Page<Execution>> {
  if (!status || action.status === status) return upsert(list, action, (other) => other.id);
  return remove<Execution, Page<Execution>>(list, (other) => other.id === action.id);
}

/** `action` means every kind below it, as on the server. */
const matchesKind = (wanted: string | undefined, kind: string): boolean =>
  !wanted || kind === wanted || kind.startsWith(`${wanted}.`);

type JournalPage = Page<JournalEntry> & { head: number };

export function applyJournal(list: Pages<JournalPage>, entry: JournalEntry, filter: JournalFilter): Pages<JournalPage> {
  const fits = matchesKind(filter.kind, entry.kind) && (!filter.subject || entry.subject === filter.subject);
  const next = fits ? upsert(list, entry, (other) => other.position) : list;
  return { ...next, pages: next.pages.map((page) => ({ ...page, head: Math.max(page.head, entry.position + 1) })) };
}

/** Labels as one string; equal for equal label sets. */
export function labelKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** An alert that is neither pending nor firing is over and leaves the list. */
export function applyAlert(alerts: Alert[], alert: Alert): Alert[] {
  const key = labelKey(alert.labels);
  const others = alerts.filter((other) => labelKey(other.labels) !== key);
  const active = alert.state === 'pending' || alert.state === 'firing';
  return active ? [alert, ...others] : others;
}

export function applyTarget(targets: Target[], target: Target): Target[] {
  const same = (other: Target): boolean =>
    other.scrapePool === target.scrapePool &&
    other.scrapeUrl === target.scrapeUrl &&
    labelKey(other.labels) === labelKey(target.labels);
  const index = targets.findIndex(same);
  return index < 0 ? [...targets, target] : targets.with(index, target);
}
