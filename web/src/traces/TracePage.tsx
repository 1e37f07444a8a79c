import { queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiError, getJson } from '../api/client';
import type { RunDetail } from '../api/types';
import { Icon } from '../kit/Icon';
import { Ago, Badge, CopyButton, Empty, Fact, Facts, Failure, Skeleton } from '../kit/parts';
import { Waterfall } from '../runs/waterfall/Waterfall';
import { Link, navigate, setSearch, usePlace } from '../shell/router';
import { formatDuration } from '../time/format';
import { traceAsRun, type JaegerTrace } from './jaeger';
import '../runs/runs.css';

const traceQuery = (id: string) =>
  queryOptions({
    queryKey: ['trace', id] as const,
    queryFn: async ({ signal }): Promise<RunDetail | 'run'> => {
      const trace = await unlessMissing(
        getJson<{ data: JaegerTrace[] }>(`/jaeger/api/traces/${encodeURIComponent(id)}`, signal),
      );
      const found = trace?.data[0] && traceAsRun(trace.data[0]);
      // A run is a trace, and its own page says more about it, also when its spans are not kept any more.
      const mayBeRun = !found || found.spans.some((span) => span.attributes?.['cicd.pipeline.run.id'] !== undefined);
      if (mayBeRun && (await unlessMissing(getJson(`/api/flyball/runs/${encodeURIComponent(id)}`, signal))))
        return 'run';
      if (!found) throw new ApiError(`no trace ${id} is stored`, 404);
      return found;
    },
  });

/** An answer, or undefined where there is none: not known, or no id at all. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return undefined;
    throw error;
  }
}

export default function TracePage({ rest: [id = ''] }: { rest: string[] }) {
  const { search } = usePlace();
  const { data, error, refetch } = useQuery(traceQuery(id));
  useEffect(() => {
    if (data === 'run') navigate(`/runs/${id}${location.search}`, { replace: true });
    else if (data) document.title = `${data.pipeline} · Flyball`;
  }, [data, id]);
  if (error)
    return error instanceof ApiError && error.status === 404 ? (
      <NoTrace id={id} />
    ) : (
      <Failure error={error} retry={() => void refetch()} />
    );
  if (!data || data === 'run') return <Skeleton rows={10} />;
  return (
    <div className="run-page">
      <TraceHead trace={data} />
      <Waterfall
        run={data}
        opened={search.get('span') ?? 'none'}
        onOpen={(span) => setSearch({ span }, { replace: true })}
      />
    </div>
  );
}

function TraceHead({ trace }: { trace: RunDetail }) {
  const services = [...new Set(trace.spans.map((span) => span.service).filter(Boolean))];
  return (
    <header className="run-head" data-testid="trace-head">
      <div className="run-title">
        <Link to="/explore" className="crumb">
          Trace
        </Link>
        <Icon name="chevron" size={12} />
        <h1>{trace.pipeline}</h1>
        {trace.result === 'error' && <Badge look={{ tone: 'bad', label: 'Holds an error' }} />}
        <span className="run-links">
          <a className="button small" href={`/api/traces/${trace.id}`} target="_blank" rel="noreferrer">
            Trace JSON
          </a>
        </span>
      </div>
      <Facts>
        <Fact name="Duration">{formatDuration(trace.durationSeconds)}</Fact>
        <Fact name="Began">
          <Ago time={trace.startedAt} />
        </Fact>
        <Fact name="Spans">{trace.spans.length}</Fact>
        <Fact name={services.length === 1 ? 'Service' : 'Services'}>{services.join(', ') || '–'}</Fact>
        <Fact name="Trace">
          <span className="mono">{trace.id}</span>
          <CopyButton text={trace.id} label="Copy the trace id" />
        </Fact>
      </Facts>
    </header>
  );
}

function NoTrace({ id }: { id: string }) {
  return (
    <Empty icon="runs" title="No such trace is stored">
      <p>
        <code>{id}</code> was never sent here, has not arrived yet, or has reached the end of its retention.
      </p>
    </Empty>
  );
}
