import { queryOptions } from '@tanstack/react-query';
import { getJson } from './client';

/** The prepared questions about runs and their answers; docs/api.md, "Questions". */

export interface QuestionParameter {
  name: string;
  kind: 'word' | 'duration' | 'count' | 'number' | 'run' | 'yesNo';
  default: string;
  about: string;
}

export interface Question {
  name: string;
  about: string;
  looksBack: string;
  promql?: string;
  parameters: QuestionParameter[];
}

export type ColumnKind = 'text' | 'run' | 'commit' | 'time' | 'seconds' | 'count' | 'share' | 'number';
export type Cell = string | number | undefined;
export type AnswerRow = Record<string, Cell>;

export interface Answer {
  question: string;
  since: string;
  until: string;
  total: number;
  facts: Record<string, Cell>;
  columns: { name: string; kind: ColumnKind }[];
  rows: AnswerRow[];
}

export const questionsQuery = () =>
  queryOptions({
    queryKey: ['questions'] as const,
    queryFn: async ({ signal }) =>
      (await getJson<{ questions: Question[] }>('/api/flyball/questions', signal)).questions ?? [],
    staleTime: Infinity,
  });

export const answerQuery = (name: string, parameters: Record<string, string>) =>
  queryOptions({
    queryKey: ['question', name, parameters] as const,
    queryFn: ({ signal }) => {
      const query = new URLSearchParams(parameters);
      return getJson<Answer>(
        `/api/flyball/questions/${encodeURIComponent(name)}${query.size ? `?${query}` : ''}`,
        signal,
      );
    },
  });
