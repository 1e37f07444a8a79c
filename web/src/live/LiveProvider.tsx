import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { keys, type JournalFilter, type RunFilter } from '../api/queries';
import type { Alert, Execution, JournalEntry, Page, Run, RunDetail, Target } from '../api/types';
import { LiveConnection, type LiveState } from './connection';
import type { LiveEvent } from './events';
import { applyAction, applyAlert, applyJournal, applyRun, applyTarget, type Pages } from './reducer';

const LiveContext = createContext<LiveState>('connecting');

/** How the console hears of changes at the moment. */
export const useLive = (): LiveState => useContext(LiveContext);

/** The refetch interval for lists. While events flow it is only a net under them: an event may be lost, a list may not stay wrong. */
export const usePolling = (): number => (useLive() === 'live' ? 10_000 : 4_000);

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    const refresh = refresher(client);
    const connection = new LiveConnection(() => new EventSource('/api/flyball/live') as never, {
      onState: setState,
      onReconnect: () =>
        void client.invalidateQueries({
          predicate: ({ queryKey }) => queryKey[0] !== 'range' && queryKey[0] !== 'instant',
        }),
      onEvent: (event) => {
        apply(client, event);
        refresh.soon(event);
      },
    });
    connection.start();
    return () => {
      connection.stop();
      refresh.stop();
    };
  }, [client]);
  return <LiveContext value={state}>{children}</LiveContext>;
}

/** Writes an event into every cached list it belongs to. */
function apply(client: QueryClient, event: LiveEvent): void {
  switch (event.kind) {
    case 'run':
      for (const [key, list] of client.getQueriesData<Pages<Page<Run>>>({ queryKey: keys.runs })) {
        if (list) client.setQueryData(key, applyRun(list, event.data, (key[1] ?? {}) as RunFilter));
      }
      break;
    case 'action':
      for (const [key, list] of client.getQueriesData<Pages<Page<Execution>>>({ queryKey: keys.actions })) {
        if (list)
          client.setQueryData(
            key,
            applyAction(list, event.data, (key[1] as { status?: string } | undefined)?.status ?? ''),
          );
      }
      break;
    case 'journal':
      for (const [key, list] of client.getQueriesData<Pages<Page<JournalEntry> & { head: number }>>({
        queryKey: keys.journal,
      })) {
        if (list) client.setQueryData(key, applyJournal(list, event.data, (key[1] ?? {}) as JournalFilter));
      }
      break;
    case 'alert':
      client.setQueryData<Alert[]>(keys.alerts, (alerts) => alerts && applyAlert(alerts, event.data));
      break;
    case 'target':
      client.setQueryData<Target[]>(keys.targets, (targets) => targets && applyTarget(targets, event.data));
      break;
  }
}

/** Refetches what an event only hints at (a run's spans, rule states), at most every half second per query. */
function refresher(client: QueryClient) {
  const pending = new Map<string, readonly unknown[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    for (const queryKey of pending.values()) void client.invalidateQueries({ queryKey });
    pending.clear();
  };
  const add = (queryKey: readonly unknown[]): void => {
    pending.set(JSON.stringify(queryKey), queryKey);
    timer ??= setTimeout(flush, 500);
  };
  return {
    soon(event: LiveEvent): void {
      if (event.kind === 'run') add(keys.run(event.data.id));
      if (event.kind === 'action' && event.data.run) add(keys.run(event.data.run));
      if (event.kind === 'action') add(keys.policies);
      if (event.kind === 'alert') {
        add(keys.rules);
        add(keys.alertHistory);
        for (const [key] of client.getQueriesData<RunDetail>({ queryKey: ['run'] })) add(key);
      }
    },
    stop: (): void => clearTimeout(timer),
  };
}
