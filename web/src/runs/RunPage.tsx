import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { runQuery } from '../api/queries';
import type { RunDetail } from '../api/types';
import { Icon } from '../kit/Icon';
import { Ago, Badge, CopyButton, Empty, Fact, Facts, Failure, Skeleton } from '../kit/parts';
import { lookOf, rawState } from '../kit/state';
import { usePolling } from '../live/LiveProvider';
import { Link, setSearch, usePlace } from '../shell/router';
import { formatDuration } from '../time/format';
import { Deeds } from './Deeds';
import { nameOf } from './names';
import { RunDuration } from './RunRow';
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
        <Waterfall
          run={run}
          opened={search.get('span') ?? undefined}
          onOpen={(span) => setSearch({ span }, { replace: true })}
        />
      )}
    </div>
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
              {run.system}
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
        <Fact name="Queued">{formatDuration(run.queueSeconds)}</Fact>
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
        <Fact name="System">{run.system}</Fact>
        {run.repository && (
          <Fact name="Repository">
            <span className="clip">{run.repository.replace(/^https?:\/\//, '')}</span>
          </Fact>
        )}
      </Facts>
    </header>
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
