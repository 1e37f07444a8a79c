import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { Run } from '../api/types';
import { runsQuery } from '../api/queries';
import { FilterField } from '../kit/FilterField';
import { Icon } from '../kit/Icon';
import { Code, Empty, Failure, PageHead, Segments, Skeleton } from '../kit/parts';
import { usePolling } from '../live/LiveProvider';
import { setSearch, usePlace } from '../shell/router';
import { filterOf, isFiltered, statuses, statusOf, textFilters, type TextFilter } from './filter';
import { RunRow } from './RunRow';
import { Pulse } from './Pulse';

export function RunList() {
  const { search } = usePlace();
  const filter = filterOf(search);
  const query = useInfiniteQuery({
    ...runsQuery(filter),
    refetchInterval: usePolling(),
    placeholderData: keepPreviousData,
  });
  const runs = query.data?.pages.flatMap((page) => page.items) ?? [];
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
      <Filters search={search} runs={runs} />
      {query.isError && <Failure error={query.error} retry={() => void query.refetch()} />}
      {runs.length > 1 && <Pulse runs={runs} mixed={statusOf(search) === 'all'} />}
      <section className="panel list run-list" aria-label="Runs" aria-busy={query.isLoading}>
        {query.isLoading && <Skeleton rows={12} height={38} />}
        {query.data && runs.length === 0 && (isFiltered(search) ? <NothingFits /> : <NoRuns />)}
        {runs.length > 0 && (
          <>
            <div className="list-head" aria-hidden="true">
              <span />
              <span>Run</span>
              <span>Commit</span>
              <span>Trigger</span>
              <span>Tasks</span>
              <span className="right">Queued</span>
              <span className="right">Duration</span>
              <span className="right">Started</span>
            </div>
            <ul>
              {runs.map((run) => (
                <li key={run.id}>
                  <RunRow run={run} />
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
                  Show older runs
                </button>
              </div>
            )}
          </>
        )}
      </section>
    </>
  );
}

const labels: Record<TextFilter, string> = {
  system: 'System',
  pipeline: 'Pipeline',
  branch: 'Branch',
  commit: 'Commit',
};

function Filters({ search, runs }: { search: URLSearchParams; runs: Run[] }) {
  return (
    <div className="toolbar" role="search" aria-label="Filter runs">
      {textFilters.map((name, index) => (
        <FilterField
          key={name}
          label={labels[name]}
          value={search.get(name) ?? ''}
          first={index === 0}
          testId={`filter-${name}`}
          known={name === 'commit' ? [] : valuesOf(runs, name)}
          onChange={(value) => setSearch({ [name]: value || undefined }, { replace: true })}
        />
      ))}
      {isFiltered(search) && (
        <button type="button" className="button ghost small" onClick={clearFilters}>
          <Icon name="close" size={14} />
          Clear
        </button>
      )}
    </div>
  );
}

const valuesOf = (runs: Run[], name: TextFilter): string[] =>
  [...new Set(runs.map((run) => run[name]).filter((value): value is string => Boolean(value)))].sort();

const clearFilters = (): void =>
  setSearch({ status: undefined, system: undefined, pipeline: undefined, branch: undefined, commit: undefined });

function NothingFits() {
  return (
    <Empty icon="runs" title="No run fits this filter">
      <p>
        Filters compare whole words; a commit may be shortened.{' '}
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
      <p>
        Tekton and other CI systems report by webhook: point them at <code>{location.origin}/hooks/tekton</code>.
      </p>
    </Empty>
  );
}
