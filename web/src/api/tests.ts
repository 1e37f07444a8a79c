import { queryOptions } from '@tanstack/react-query';
import { getJson } from './client';

/** Tests and their executions; docs/api.md, "Tests". */

export type TestResult = 'passed' | 'flaky' | 'skipped' | 'failed' | 'error';

export interface TestIdentity {
  suite?: string;
  class?: string;
  name: string;
  file?: string;
}

export interface TestMoment {
  result: TestResult;
  durationSeconds: number;
  at: string;
  /** Run id; empty where the report named none. */
  run: string;
}

export interface Test extends TestIdentity {
  executions: number;
  failures: number;
  skipped: number;
  last: TestResult;
  meanSeconds: number;
  mostSeconds: number;
  mixedCommits: number;
  judgedCommits: number;
  flakiness: number;
  flakinessAtLeast: number;
  lastMessage?: string;
  /** The latest, newest first. */
  recent?: TestMoment[];
}

export interface TestExecution extends TestIdentity, TestMoment {
  message?: string;
  pipeline?: string;
  task?: string;
  branch?: string;
  commit?: string;
}

export const testsQuery = (parameters: Record<string, string>) =>
  queryOptions({
    queryKey: ['tests', parameters] as const,
    queryFn: async ({ signal }): Promise<Test[]> =>
      (await getJson<{ tests: Test[] }>(`/api/flyball/tests?${new URLSearchParams(parameters)}`, signal)).tests ?? [],
  });

export const testHistoryQuery = ({ suite = '', class: className = '', name, file = '' }: TestIdentity) =>
  queryOptions({
    queryKey: ['test-history', suite, className, name, file] as const,
    queryFn: async ({ signal }): Promise<TestExecution[]> => {
      const known = Object.entries({ name, suite, class: className, file, limit: '200' }).filter(([, v]) => v !== '');
      return (
        (
          await getJson<{ executions: TestExecution[] }>(
            `/api/flyball/tests/history?${new URLSearchParams(known)}`,
            signal,
          )
        ).executions ?? []
      );
    },
  });
