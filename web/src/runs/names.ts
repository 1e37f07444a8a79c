import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { runsQuery } from '../api/queries';

/** What people call a run, by its id; the start of the id for one that is not among the recent. */
export function useRunNames(): (id: string) => string {
  const { data } = useInfiniteQuery(runsQuery({}));
  return useMemo(() => {
    const names = new Map(data?.pages.flatMap((page) => page.items.map((run): [string, string] => [run.id, `${run.pipeline}${run.number ? ` #${run.number}` : ''}`])));
    return (id) => names.get(id) ?? id.slice(0, 8);
  }, [data]);
}
