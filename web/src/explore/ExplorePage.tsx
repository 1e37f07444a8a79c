import { useQueries } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { rangeQuery } from '../api/queries';
import { Icon } from '../kit/Icon';
import { Empty, PageHead, Segments } from '../kit/parts';
import { navigate, toUrl, usePlace } from '../shell/router';
import { formatDuration } from '../time/format';
import { GraphPanel } from './GraphPanel';
import { TablePanel } from './TablePanel';
import { TimeTools } from './TimeTools';
import { autoStep, errorPosition, formatExplore, parseExplore, type ExploreState } from './urlState';
import './explore.css';

const PromQLEditor = lazy(() => import('./PromQLEditor'));

const examples = [
  ['up', 'which targets answer'],
  ['sum by (job) (scrape_samples_scraped)', 'samples per scrape, by job'],
  ['topk(5, scrape_duration_seconds)', 'the slowest scrapes'],
  ['ALERTS', 'alerts over time'],
] as const;

export default function ExplorePage() {
  const { search } = usePlace();
  const text = search.toString();
  const state = useMemo(() => parseExplore(new URLSearchParams(text)), [text]);
  const [drafts, setDrafts] = useState(state.queries);
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => setDrafts(state.queries), [state]);
  useEffect(() => {
    if (state.refreshSeconds <= 0 || state.end !== undefined) return undefined;
    const timer = setInterval(() => !document.hidden && setNow(Date.now() / 1000), state.refreshSeconds * 1000);
    return () => clearInterval(timer);
  }, [state.refreshSeconds, state.end]);

  const step = state.step ?? autoStep(state.rangeSeconds);
  // On a grid of steps the same points come back at every refresh, and lines do not wobble.
  const end = Math.ceil((state.end ?? now) / step) * step;
  const start = end - Math.floor(state.rangeSeconds / step) * step;
  const queries = state.queries.filter((query) => query.trim() !== '');
  const answers = useQueries({
    queries: queries.map((expr) => ({
      ...rangeQuery({ expr, start, end, step }),
      enabled: state.tab === 'graph',
      placeholderData: (old: unknown) => old as never,
    })),
  });

  const go = (patch: Partial<ExploreState>): void => {
    setNow(Date.now() / 1000);
    navigate(toUrl('/explore', formatExplore({ ...state, queries: drafts, ...patch })));
  };
  const setDraft = (index: number, value: string): void => setDrafts((before) => before.with(index, value));
  const errorOf = (expr: string): Error | null => answers[queries.indexOf(expr)]?.error ?? null;
  const drawn = answers.flatMap(({ data }, i) =>
    data?.data.resultType === 'matrix' ? [{ expr: queries[i] ?? '', series: data.data.result }] : [],
  );
  const notes = answers.flatMap(({ data }) => [...(data?.warnings ?? []), ...(data?.infos ?? [])]);

  return (
    <>
      <PageHead title="Explore">
        <TimeTools state={state} step={step} onChange={go} />
      </PageHead>
      <section className="panel explore-queries" aria-label="Queries">
        {drafts.map((draft, index) => {
          const error = draft === state.queries[index] ? errorOf(draft) : null;
          const position = error ? errorPosition(error.message) : undefined;
          return (
            <div key={index} className="explore-query">
              <div className="explore-line">
                <Suspense fallback={<div className="promql promql-wait">{draft}</div>}>
                  <PromQLEditor
                    value={draft}
                    label={`Query ${index + 1}`}
                    problem={position}
                    onChange={(value) => setDraft(index, value)}
                    onRun={() => go({})}
                  />
                </Suspense>
                {drafts.length > 1 && (
                  <button
                    type="button"
                    className="button ghost small"
                    aria-label={`Remove query ${index + 1}`}
                    onClick={() => go({ queries: drafts.toSpliced(index, 1) })}
                  >
                    <Icon name="close" size={14} />
                  </button>
                )}
              </div>
              {error && (
                <p className="query-error" role="alert" data-testid="query-error">
                  {position ? (
                    <>
                      <span className="num">
                        {position.line}:{position.column}
                      </span>{' '}
                      {position.message}
                    </>
                  ) : (
                    error.message
                  )}
                </p>
              )}
            </div>
          );
        })}
        <div className="explore-tools">
          <button type="button" className="button primary" onClick={() => go({})}>
            Run <kbd>↵</kbd>
          </button>
          <button type="button" className="button ghost" onClick={() => setDrafts([...drafts, ''])}>
            <Icon name="plus" size={14} />
            Query
          </button>
          <span className="explore-view">
            <Segments
              label="View"
              value={state.tab}
              choices={[
                { value: 'graph', label: 'Graph' },
                { value: 'table', label: 'Table' },
              ]}
              onChange={(tab) => go({ tab })}
            />
          </span>
        </div>
      </section>
      {notes.length > 0 && (
        <ul className="explore-notes">
          {[...new Set(notes)].map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <section className="panel explore-result" aria-label="Result">
        {queries.length === 0 && <Examples onPick={(expr) => go({ queries: [expr] })} />}
        {queries.length > 0 && state.tab === 'graph' && (
          <GraphPanel
            drawn={drawn}
            start={start}
            end={end}
            step={step}
            loading={answers.some((answer) => answer.isLoading)}
            failed={answers.some((answer) => answer.isError)}
            onZoom={(from, to) => go({ rangeSeconds: Math.max(1, Math.round(to - from)), end: to, step: undefined })}
          />
        )}
        {queries.length > 0 &&
          state.tab === 'table' &&
          queries.map((expr, i) => <TablePanel key={i} expr={expr} time={state.end ?? Math.floor(now)} />)}
      </section>
      {queries.length > 0 && state.tab === 'graph' && (
        <p className="muted explore-foot num">
          {Math.round((end - start) / step) + 1} points, one every {formatDuration(step)}. Drag across the graph to
          zoom; the browser's back button zooms out.
        </p>
      )}
    </>
  );
}

function Examples({ onPick }: { onPick: (expr: string) => void }) {
  return (
    <Empty icon="explore" title="Ask the metrics something">
      <p>
        Type a PromQL expression above; names, labels and functions complete as you type. Or begin with one of these:
      </p>
      <ul className="examples">
        {examples.map(([expr, meaning]) => (
          <li key={expr}>
            <button type="button" onClick={() => onPick(expr)} data-row>
              <code>{expr}</code>
              <span className="muted">{meaning}</span>
            </button>
          </li>
        ))}
      </ul>
    </Empty>
  );
}
