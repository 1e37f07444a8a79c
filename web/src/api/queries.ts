import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { getJson, getProm } from './client';
import type {
  Alert,
  ExemplarSeries,
  Execution,
  JournalEntry,
  Page,
  Policy,
  QueryAnswer,
  QueryResult,
  RuleGroup,
  Run,
  RunDetail,
  Series,
  ServerStatus,
  Target,
} from './types';

/** Query keys. The live reducer writes to the same ones. */
export const keys = {
  runs: ['runs'] as const,
  run: (id: string) => ['run', id] as const,
  actions: ['actions'] as const,
  policies: ['policies'] as const,
  journal: ['journal'] as const,
  alerts: ['alerts'] as const,
  alertHistory: ['alert-history'] as const,
  rules: ['rules'] as const,
  targets: ['targets'] as const,
  status: ['status'] as const,
};

export type RunFilter = Partial<
  Record<
    | 'search'
    | 'system'
    | 'pipeline'
    | 'repository'
    | 'state'
    | 'result'
    | 'branch'
    | 'commit'
    | 'actor'
    | 'sort'
    | 'order',
    string
  >
>;
export type JournalFilter = Partial<Record<'kind' | 'subject', string>>;

const path = (base: string, parameters: Record<string, string | undefined>): string => {
  const query = new URLSearchParams(Object.entries(parameters).filter((p): p is [string, string] => Boolean(p[1])));
  return query.size ? `${base}?${query}` : base;
};

const firstPage = { initialPageParam: '', getNextPageParam: (last: Page<unknown>): string | undefined => last.next };

export const runsQuery = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.runs, filter] as const,
    queryFn: async ({ pageParam, signal }): Promise<Page<Run>> => {
      const { runs = [], next } = await getJson<{ runs: Run[]; next?: string }>(
        path('/api/flyball/runs', { ...filter, limit: '100', before: pageParam }),
        signal,
      );
      return { items: runs, next };
    },
    ...firstPage,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: keys.run(id),
    queryFn: async ({ signal }): Promise<RunDetail> => {
      const run = await getJson<RunDetail>(`/api/flyball/runs/${encodeURIComponent(id)}`, signal);
      return { ...run, tasks: run.tasks ?? [], spans: run.spans ?? [] }; // a list without entries may be absent
    },
  });

export const actionsQuery = (status: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.actions, { status }] as const,
    queryFn: async ({ pageParam, signal }): Promise<Page<Execution>> => {
      const { actions = [], next } = await getJson<{ actions: Execution[]; next?: string }>(
        path('/api/flyball/actions', { status, limit: '100', before: pageParam }),
        signal,
      );
      return { items: actions, next };
    },
    ...firstPage,
  });

export const policiesQuery = () =>
  queryOptions({
    queryKey: keys.policies,
    queryFn: async ({ signal }) =>
      (await getJson<{ policies: Policy[] }>('/api/flyball/policies', signal)).policies ?? [],
  });

export const journalQuery = (filter: JournalFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.journal, filter] as const,
    queryFn: async ({ pageParam, signal }): Promise<Page<JournalEntry> & { head: number }> => {
      const {
        entries = [],
        next,
        head,
      } = await getJson<{ entries: JournalEntry[]; next?: string; head: number }>(
        path('/api/flyball/journal', { ...filter, limit: '100', before: pageParam }),
        signal,
      );
      return { items: entries, next, head };
    },
    ...firstPage,
  });

export const alertsQuery = () =>
  queryOptions({
    queryKey: keys.alerts,
    queryFn: async ({ signal }) =>
      (await getProm<{ alerts: Alert[] }>('/api/v1/alerts', undefined, signal)).data.alerts ?? [],
  });

/** Every sample of the ALERTS series of the last while: what has been firing, also when it no longer does, however short. */
export const alertHistoryQuery = (window: string) =>
  queryOptions({
    queryKey: keys.alertHistory,
    queryFn: async ({ signal }): Promise<Series[]> => {
      const { data } = await getProm<QueryResult>('/api/v1/query', { query: `ALERTS[${window}]` }, signal);
      return data.resultType === 'matrix' ? data.result : [];
    },
  });

export const rulesQuery = () =>
  queryOptions({
    queryKey: keys.rules,
    queryFn: async ({ signal }) =>
      (await getProm<{ groups: RuleGroup[] }>('/api/v1/rules', undefined, signal)).data.groups ?? [],
  });

export const targetsQuery = () =>
  queryOptions({
    queryKey: keys.targets,
    queryFn: async ({ signal }) =>
      (await getProm<{ activeTargets: Target[] }>('/api/v1/targets?state=active', undefined, signal)).data
        .activeTargets ?? [],
  });

export const statusQuery = () =>
  queryOptions({
    queryKey: keys.status,
    queryFn: ({ signal }) => getJson<ServerStatus>('/api/flyball/status', signal),
  });

export interface RangeRequest {
  expr: string;
  start: number;
  end: number;
  step: number;
  /** With the plan, and what each part of it did. Such an answer is computed anew. */
  explain: boolean;
}

export const rangeQuery = ({ expr, start, end, step, explain }: RangeRequest) =>
  queryOptions({
    queryKey: ['range', { expr, start, end, step, explain }] as const,
    queryFn: ({ signal }): Promise<QueryAnswer> =>
      getProm<QueryResult>(
        '/api/v1/query_range',
        {
          query: expr,
          start: String(start),
          end: String(end),
          step: String(step),
          ...(explain && { explain: '1' }),
        },
        signal,
      ),
    staleTime: Infinity,
    gcTime: 60_000,
  });

export const instantQuery = (expr: string, time: number, explain: boolean) =>
  queryOptions({
    queryKey: ['instant', expr, time, explain] as const,
    queryFn: ({ signal }): Promise<QueryAnswer> =>
      getProm<QueryResult>(
        '/api/v1/query',
        { query: expr, time: String(time), ...(explain && { explain: '1' }) },
        signal,
      ),
    staleTime: Infinity,
    gcTime: 60_000,
  });

export const exemplarsQuery = (expr: string, start: number, end: number) =>
  queryOptions({
    queryKey: ['exemplars', expr, start, end] as const,
    queryFn: async ({ signal }): Promise<ExemplarSeries[]> =>
      (
        await getProm<ExemplarSeries[]>(
          '/api/v1/query_exemplars',
          { query: expr, start: String(start), end: String(end) },
          signal,
        )
      ).data ?? [],
    staleTime: Infinity,
    gcTime: 60_000,
  });
