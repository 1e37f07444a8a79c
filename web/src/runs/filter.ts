import type { RunFilter } from '../api/queries';

/** Filter and order of the runs list as they stand in the address bar. */

const names = ['pipeline', 'branch', 'commit', 'actor'] as const;
export type TextFilter = (typeof names)[number];
export const textFilters: readonly TextFilter[] = names;

export const statuses = [
  { value: 'all', label: 'All' },
  { value: 'queued', label: 'Queued' },
  { value: 'running', label: 'Running' },
  { value: 'succeeded', label: 'Succeeded' },
  { value: 'failed', label: 'Failed' },
  { value: 'error', label: 'Error' },
  { value: 'timeout', label: 'Timed out' },
  { value: 'cancelled', label: 'Cancelled' },
] as const;
export type Status = (typeof statuses)[number]['value'];

const ofStatus: Record<Status, RunFilter> = {
  all: {},
  queued: { state: 'pending' },
  running: { state: 'executing' },
  succeeded: { result: 'success' },
  failed: { result: 'failure' },
  error: { result: 'error' },
  timeout: { result: 'timeout' },
  cancelled: { result: 'cancellation' },
};

export function statusOf(search: URLSearchParams): Status {
  const value = search.get('status');
  return statuses.some((status) => status.value === value) ? (value as Status) : 'all';
}

export function filterOf(search: URLSearchParams): RunFilter {
  const filter: RunFilter = { ...ofStatus[statusOf(search)] };
  for (const name of ['search', 'system', 'repository', ...names] as const) {
    const value = search.get(name)?.trim();
    if (value) filter[name] = value;
  }
  return filter;
}

export const isFiltered = (search: URLSearchParams): boolean => Object.keys(filterOf(search)).length > 0;

export type SortBy = 'began' | 'duration' | 'queue';

export interface RunOrder {
  by: SortBy;
  rising: boolean;
}

export function orderOf(search: URLSearchParams): RunOrder {
  const by = search.get('sort');
  return { by: by === 'duration' || by === 'queue' ? by : 'began', rising: search.get('order') === 'asc' };
}

/** What choosing a column asks for: the greatest first, the other way round when it is chosen again. The newest first is said by nothing. */
export function sortedBy({ by, rising }: RunOrder, chosen: SortBy): Record<'sort' | 'order', string | undefined> {
  const nextRising = by === chosen && !rising;
  return { sort: chosen === 'began' ? undefined : chosen, order: nextRising ? 'asc' : undefined };
}

/** The order as the API takes it; nothing for the one that needs no asking. */
export function orderParameters({ by, rising }: RunOrder): Pick<RunFilter, 'sort' | 'order'> {
  return by === 'began' && !rising ? {} : { sort: by, order: rising ? 'asc' : 'desc' };
}
