import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { runQuery } from '../api/queries';
import type { RunDetail } from '../api/types';
import { Icon } from '../kit/Icon';
import { Ago, Badge, CopyButton, Empty, Fact, Facts, Failure, Skeleton } from '../kit/parts';
import { lookOf, rawState } from '../kit/state';
import { SystemIcon, systemName } from '../kit/systems';
import { usePolling } from '../live/LiveProvider';
import { Link, setSearch, usePlace } from '../shell/router';
import { CriticalPathStrip, partsOf, taskOf, useCriticalPath } from './CriticalPath';
import { Deeds } from './Deeds';
import { nameOf, shortRepository, useRunNames } from './names';
import { QueueTime, RunDuration } from './RunRow';
import { Waterfall } from './waterfall/Waterfall';

export function RunPage({ id }: { id: string }) {
  const polling = usePolling();
  const { search } = usePlace();
  const query = useQuery({
    ...runQuery(id),
    refetchInterval: (q) => (q.state.data?.state === 'finished' ? polling : 2_000),
  });
  const run = query.data;
  const name = run && nameOf(run);
  useEffect(() => {
    if (name) document.title = `${name} · Flyball`;
  }, [name]);
  if (query.isError && !run) return <Missing error={query.error} retry={() => void query.refetch()} />;
  if (!run) return <Skeleton rows={10} />;
  return (
    <div className="run-page">
      <RunHead run={run} />
      <Deeds run={run} />
      {run.spans.length === 0 && run.tasks.length === 0 ? (
        <section className="panel">
          <Empty icon="clock" title="Nothing has reported yet">
            <p>The run is known, but none of its tasks has started. This page follows it.</p>
          </Empty>
        </section>
      ) : (
        <Work run={run} search={search} />
      )}
    </div>
  );
}

/** The waterfall, and above it what the run's duration consists of. */
function Work({ run, search }: { run: RunDetail; search: URLSearchParams }) {
  const answer = useCriticalPath(run);
  const isMarked = search.get('path') !== 'off';
  const marked = useMemo(
    () => new Set(answer && isMarked ? partsOf(answer).map((part) => taskOf(run, part)?.id) : []),
    [answer, isMarked, run],
  );
  const open = (span: string): void => setSearch({ span }, { replace: true });
  return (
    <>
      {answer && (
        <CriticalPathStrip
          answer={answer}
          marking={{
            on: isMarked,
            onToggle: (on) => setSearch({ path: on ? undefined : 'off' }, { replace: true }),
          }}
          onOpen={(part) => {
            const task = taskOf(run, part);
            if (task) open(task.spanId ?? task.id);
          }}
        />
      )}
      <Waterfall
        run={run}
        opened={search.get('span') ?? undefined}
        onOpen={open}
        isMarked={(row) => row.task !== undefined && marked.size > 1 && marked.has(row.task.id)}
      />
    </>
  );
}

function RunHead({ run }: { run: RunDetail }) {
  return (
    <header className="run-head" data-testid="run-head" data-state={rawState(run)}>
      <div className="run-title">
        <Link to="/runs" className="crumb">
          Runs
        </Link>
        <Icon name="chevron" size={12} />
        <h1 className="num">{nameOf(run)}</h1>
        <Badge look={lookOf(run)} />
        {run.errorType && <span className="chip mono">{run.errorType}</span>}
        <span className="run-links">
          {run.url && (
            <a className="button small" href={run.url} target="_blank" rel="noreferrer">
              <Icon name="external" size={14} />
              {systemName(run.system)}
            </a>
          )}
          <a className="button small" href={`/api/traces/${run.traceId ?? run.id}`} target="_blank" rel="noreferrer">
            Trace JSON
          </a>
          <a className="button small" href={`/api/flyball/runs/${run.id}`} target="_blank" rel="noreferrer">
            Run JSON
          </a>
        </span>
      </div>
      {(run.message ?? run.commitTitle) && (
        <p className="run-message">
          {run.message && <span className={`tone-${lookOf(run).tone} run-fault`}>{run.message}</span>}
          {run.commitTitle && <span>{run.commitTitle}</span>}
        </p>
      )}
      <Facts>
        <Fact name="Duration">
          <RunDuration run={run} />
        </Fact>
        <Fact name="Queued">
          <QueueTime run={run} />
        </Fact>
        {(run.attempt ?? 1) > 1 && <Fact name="Attempt">{run.attempt}</Fact>}
        <Fact name="Started">
          <Ago time={run.startedAt ?? run.createdAt} />
        </Fact>
        {run.branch && (
          <Fact name="Branch">
            <Icon name="branch" size={14} />
            <Link className="link" to={`/runs?branch=${encodeURIComponent(run.branch)}`}>
              {run.branch}
            </Link>
          </Fact>
        )}
        {run.commit && (
          <Fact name="Commit">
            <span className="mono" title={run.commit}>
              {run.commit.slice(0, 10)}
            </span>
            <CopyButton text={run.commit} label="Copy the commit" />
          </Fact>
        )}
        {run.change && <Fact name="Change">{run.change}</Fact>}
        {(run.actor || run.trigger) && (
          <Fact name="Trigger">{[run.trigger?.replaceAll('_', ' '), run.actor].filter(Boolean).join(' by ')}</Fact>
        )}
        {run.environment && <Fact name="Environment">{run.environment}</Fact>}
        {run.parent && (
          <Fact name="Started by">
            <Link className="link" to={`/runs/${run.parent}`}>
              another run
            </Link>
          </Fact>
        )}
        <Related run={run} />
        <Fact name="System">
          <SystemIcon system={run.system} size={14} />
          <Link className="link" to={`/runs?system=${encodeURIComponent(run.system)}`}>
            {systemName(run.system)}
          </Link>
        </Fact>
        {run.repository && (
          <Fact name="Repository">
            <Link className="link clip" to={`/runs?repository=${encodeURIComponent(run.repository)}`}>
              {shortRepository(run.repository)}
            </Link>
          </Fact>
        )}
      </Facts>
    </header>
  );
}

/** Runs it started, repeats or was repeated by. */
function Related({ run }: { run: RunDetail }) {
  const nameById = useRunNames();
  const others = run.related?.filter((id) => id !== run.parent) ?? [];
  if (others.length === 0) return null;
  return (
    <Fact name="Belongs with">
      {others.slice(0, 4).map((id) => (
        <Link key={id} className="link" to={`/runs/${id}`}>
          {nameById(id)}
        </Link>
      ))}
      {others.length > 4 && <span className="muted">and {others.length - 4} more</span>}
    </Fact>
  );
}

function Missing({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <>
      <Failure error={error} retry={retry} />
      <p>
        <Link className="link" to="/runs">
          All runs
        </Link>
      </p>
    </>
  );
}
