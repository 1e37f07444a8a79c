import type { RunFilter } from '../api/queries';

/** The filter of the runs list as it stands in the address bar. */

const names = ['system', 'pipeline', 'branch', 'commit'] as const;
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
  for (const name of names) {
    const value = search.get(name)?.trim();
    if (value) filter[name] = value;
  }
  return filter;
}

export const isFiltered = (search: URLSearchParams): boolean => Object.keys(filterOf(search)).length > 0;
