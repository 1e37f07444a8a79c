import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerQuery } from '../api/questions';
import { formatDuration } from '../time/format';

/** Says of a run that goes on far too long why it is taken for stuck; undefined for any other. The server is the judge. */
export function useStuck(): (id: string) => string | undefined {
  const { data } = useQuery({
    ...answerQuery('stuck', { limit: '1000', since: '400d' }),
    refetchInterval: 120_000,
    staleTime: 60_000,
  });
  return useMemo(() => {
    const usual = new Map(data?.rows.map((row) => [row['id'], row['usualSeconds']]));
    return (id) => {
      if (!usual.has(id)) return undefined;
      const seconds = usual.get(id);
      return typeof seconds === 'number'
        ? `seems never to end: usually done in ${formatDuration(seconds)}`
        : 'seems never to end: nothing has been heard of its end';
    };
  }, [data]);
}
