import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { runsQuery } from '../api/queries';
import type { Run } from '../api/types';

/** What people call a run: pipeline and number, else whatever its system calls it. */
export function nameOf(run: Pick<Run, 'id' | 'pipeline' | 'number' | 'runId'>): string {
  return [run.pipeline || run.runId || run.id.slice(0, 8), signOf(run)].filter(Boolean).join(' ');
}

/** The run's number; its id in its own system where that is one. */
export function numberOf(run: Pick<Run, 'number' | 'runId'>): string | undefined {
  return run.number ?? (run.runId && /^\d{1,9}$/.test(run.runId) ? run.runId : undefined);
}

/** The number as it reads behind the pipeline's name: #42, and of Tekton's names only what tells the run: run-7xk2p. */
export function signOf(run: Pick<Run, 'pipeline' | 'number' | 'runId'>): string {
  const number = numberOf(run);
  if (!number || /^\d+$/.test(number)) return number ? `#${number}` : '';
  const rest = run.pipeline && number.startsWith(`${run.pipeline}-`) ? number.slice(run.pipeline.length + 1) : number;
  return rest === run.pipeline ? '' : rest;
}

/** A repository without what every address of one has: github.com/acme/shop. */
export const shortRepository = (url: string | undefined): string =>
  (url ?? '').replace(/^[a-z+]+:\/\//, '').replace(/\.git$/, '');

/** The name of a run by its id; the start of the id for one that is not among the recent. */
export function useRunNames(): (id: string) => string {
  const { data } = useInfiniteQuery(runsQuery({}));
  return useMemo(() => {
    const names = new Map(
      data?.pages.flatMap((page) => page.items.map((run): [string, string] => [run.id, nameOf(run)])),
    );
    return (id) => names.get(id) ?? id.slice(0, 8);
  }, [data]);
}
