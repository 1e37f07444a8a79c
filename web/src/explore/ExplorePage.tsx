import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { exemplarsQuery, instantQuery, rangeQuery } from '../api/queries';
import type { PlanPart } from '../api/types';
import { Icon } from '../kit/Icon';
import { Empty, PageHead, Segments } from '../kit/parts';
import { Toggle } from '../kit/Toggle';
import { navigate, toUrl, usePlace } from '../shell/router';
import { formatDuration } from '../time/format';
import { dotsOf } from './exemplars';
import { GraphPanel } from './GraphPanel';
import { placeOf } from './plan';
import { PlanTree } from './PlanTree';
import { QueryRow } from './QueryRow';
import { TablePanel } from './TablePanel';
import { TimeTools } from './TimeTools';
import { autoStep, formatExplore, parseExplore, type ExploreState } from './urlState';
import './explore.css';

const examples = [
  ['up', 'which targets answer'],
  ['sum by (job) (scrape_samples_scraped)', 'samples per scrape, by job'],
  ['topk(5, scrape_duration_seconds)', 'the slowest scrapes'],
  ['sum by (pipeline) (count_over_time(ci_run_duration_seconds{result="failure"}[7d]))', 'failed runs of a week'],
] as const;

export default function ExplorePage() {
  const { search } = usePlace();
  const text = search.toString();
  const state = useMemo(() => parseExplore(new URLSearchParams(text)), [text]);
  const [drafts, setDrafts] = useState(state.queries);
  const [now, setNow] = useState(() => Date.now() / 1000);
  const [pointed, setPointed] = useState<{ expr: string; part: PlanPart }>();
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
  const moment = state.end ?? Math.floor(now);
  const isGraph = state.tab === 'graph';
  const { explain } = state;
  const queries = state.queries.filter((query) => query.trim() !== '');
  const ranges = useQueries({
    queries: queries.map((expr) => ({
      ...rangeQuery({ expr, start, end, step, explain }),
      enabled: isGraph,
      placeholderData: (old: unknown) => old as never,
    })),
  });
  const instants = useQueries({
    queries: queries.map((expr) => ({
      ...instantQuery(expr, moment, explain),
      enabled: !isGraph,
      placeholderData: (old: unknown) => old as never,
    })),
  });
  const exemplars = useQueries({
    queries: queries.map((expr) => ({
      ...exemplarsQuery(expr, start, end),
      enabled: isGraph && state.exemplars,
      placeholderData: (old: unknown) => old as never,
    })),
  });
  const answers = isGraph ? ranges : instants;

  const go = (patch: Partial<ExploreState>): void => {
    setNow(Date.now() / 1000);
    navigate(toUrl('/explore', formatExplore({ ...state, queries: drafts, ...patch })));
  };
  const setDraft = (index: number, value: string): void => setDrafts((before) => before.with(index, value));
  const drawn = ranges.flatMap(({ data }, i) =>
    data?.data.resultType === 'matrix' ? [{ expr: queries[i] ?? '', series: data.data.result }] : [],
  );
  const dots = state.exemplars ? dotsOf(exemplars.flatMap(({ data }) => data ?? [])) : undefined;
  const exemplarsFailed = exemplars.find(({ error }) => error)?.error;

  return (
    <>
      <PageHead title="Explore">
        <TimeTools state={state} step={step} onChange={go} />
      </PageHead>
      <section className="panel explore-queries" aria-label="Queries">
        {drafts.map((draft, index) => {
          const at = draft === state.queries[index] ? queries.indexOf(draft) : -1;
          return (
            <QueryRow
              key={index}
              number={index + 1}
              draft={draft}
              answer={answers[at]?.data}
              error={answers[at]?.error ?? null}
              pointed={pointed?.expr === draft ? placeOf(pointed.part.expression, draft) : undefined}
              onChange={(value) => setDraft(index, value)}
              onRun={() => go({})}
              {...(drafts.length > 1 && { onRemove: () => go({ queries: drafts.toSpliced(index, 1) }) })}
            />
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
            {isGraph && (
              <Toggle
                on={state.exemplars}
                label="Exemplars"
                testId="toggle-exemplars"
                title="Samples that name their trace, as dots in the graph"
                onChange={(on) => go({ exemplars: on })}
              />
            )}
            <Toggle
              on={explain}
              label="Explain"
              testId="toggle-explain"
              title="The plan of each query, and what each part of it did"
              onChange={(on) => go({ explain: on })}
            />
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
      <section className="panel explore-result" aria-label="Result">
        {queries.length === 0 && <Examples onPick={(expr) => go({ queries: [expr] })} />}
        {queries.length > 0 && isGraph && (
          <GraphPanel
            drawn={drawn}
            dots={dots}
            start={start}
            end={end}
            step={step}
            loading={ranges.some((answer) => answer.isLoading)}
            failed={ranges.some((answer) => answer.isError)}
            onZoom={(from, to) => go({ rangeSeconds: Math.max(1, Math.round(to - from)), end: to, step: undefined })}
          />
        )}
        {!isGraph &&
          queries.map((expr, i) => (
            <TablePanel key={i} expr={expr} answer={instants[i]?.data} isFetching={instants[i]?.isFetching ?? false} />
          ))}
      </section>
      {queries.length > 0 && isGraph && (
        <p className="muted explore-foot num">
          {Math.round((end - start) / step) + 1} points, one every {formatDuration(step)}. Drag across the graph to
          zoom; the browser's back button zooms out.
          {dots && ` ${saysOf(dots.length)}`}
          {exemplarsFailed && ` Exemplars could not be read: ${exemplarsFailed.message}.`}
        </p>
      )}
      {explain &&
        queries.map((expr, i) => {
          const plan = answers[i]?.data?.data.explain;
          return (
            plan && <PlanTree key={i} plan={plan} expr={expr} onPoint={(part) => setPointed(part && { expr, part })} />
          );
        })}
    </>
  );
}

const saysOf = (count: number): string =>
  count === 0
    ? 'No series of this query has exemplars in this range.'
    : `${count} ${count === 1 ? 'exemplar' : 'exemplars'}: choose a dot to see its trace.`;

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
