import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { runsQuery } from '../api/queries';
import { Code, Empty, Failure, PageHead, Segments, Skeleton } from '../kit/parts';
import { usePolling } from '../live/LiveProvider';
import { setSearch, usePlace } from '../shell/router';
import { filterOf, isFiltered, orderOf, orderParameters, statuses, statusOf } from './filter';
import { Pulse } from './Pulse';
import { clearFilters, RunFilters, SystemChoice } from './RunFilters';
import { RunRow } from './RunRow';
import { RunsHead } from './RunsHead';
import { useStuck } from './useStuck';

export function RunList() {
  const { search } = usePlace();
  const filter = { ...filterOf(search), ...orderParameters(orderOf(search)) };
  const query = useInfiniteQuery({
    ...runsQuery(filter),
    refetchInterval: usePolling(),
    placeholderData: keepPreviousData,
  });
  const stuckBecause = useStuck();
  // A run may move from one page to the next while it goes on; the first place counts.
  const runs = [...new Map(query.data?.pages.flatMap((page) => page.items.map((run) => [run.id, run]))).values()];
  return (
    <>
      <PageHead title="Runs" count={query.data && `${runs.length}${query.hasNextPage ? '+' : ''}`}>
        <Segments
          label="State"
          value={statusOf(search)}
          choices={statuses}
          onChange={(status) => setSearch({ status: status === 'all' ? undefined : status })}
        />
      </PageHead>
      <SystemChoice search={search} runs={runs} />
      <RunFilters search={search} runs={runs} />
      {query.isError && <Failure error={query.error} retry={() => void query.refetch()} />}
      {runs.length > 1 && <Pulse runs={runs} mixed={statusOf(search) === 'all'} />}
      <section className="panel list run-list" aria-label="Runs" aria-busy={query.isLoading}>
        {query.isLoading && <Skeleton rows={12} height={40} />}
        {query.data && runs.length === 0 && (isFiltered(search) ? <NothingFits /> : <NoRuns />)}
        {runs.length > 0 && (
          <>
            <RunsHead order={orderOf(search)} />
            <ul>
              {runs.map((run) => (
                <li key={run.id}>
                  <RunRow run={run} stuck={stuckBecause(run.id)} />
                </li>
              ))}
            </ul>
            {query.hasNextPage && (
              <div className="more">
                <button
                  type="button"
                  className="button"
                  disabled={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  Show more runs
                </button>
              </div>
            )}
          </>
        )}
      </section>
    </>
  );
}

function NothingFits() {
  return (
    <Empty icon="runs" title="No run fits this filter">
      <p>
        Search finds parts of words; the other filters compare whole words, and a commit may be shortened.{' '}
        <button type="button" className="button small" onClick={clearFilters}>
          Clear the filter
        </button>
      </p>
    </Empty>
  );
}

function NoRuns() {
  const server = location.origin === 'http://127.0.0.1:9090' ? '' : `FLYBALL_SERVER=${location.origin} `;
  return (
    <Empty icon="runs" title="No runs yet">
      <p>
        Wrap any command of a pipeline in <code>flyball-step</code>. It keeps output and exit code as they are and
        reports one span here:
      </p>
      <Code text={`${server}flyball-step --name build -- make build`} label="Copy the command" />
      <p>Or point the webhooks of your CI system here:</p>
      <Code
        text={['tekton', 'buildkite', 'github', 'gitlab', 'jenkins']
          .map((s) => `${location.origin}/hooks/${s}`)
          .join('\n')}
        label="Copy the addresses"
      />
    </Empty>
  );
}
