import type { Answer } from '../api/questions';
import type { Labels, Series } from '../api/types';
import { GraphPanel } from '../explore/GraphPanel';
import '../explore/explore.css';
import { CriticalPathStrip } from '../runs/CriticalPath';
import { navigate, patchSearch, toUrl } from '../shell/router';
import { parseDuration, parseTime } from '../time/format';

const mostLines = 12;

/** The error rate of tasks as lines over time, a critical path as a strip. Other answers say it all in their table. */
export function AnswerChart({ answer, step }: { answer: Answer; step: string }) {
  if (answer.question === 'critical-path')
    return <CriticalPathStrip answer={answer} onOpen={() => navigate(`/runs/${answer.facts['id']}`)} />;
  return answer.question === 'error-rate' ? <ErrorRates answer={answer} step={step} /> : null;
}

function ErrorRates({ answer, step }: { answer: Answer; step: string }) {
  const series = linesOf(answer);
  const times = series.flatMap((one) => (one.values ?? []).map(([time]) => time));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  if (!(last > first)) return null;
  return (
    <section className="panel" aria-label="Share of failed attempts over time">
      <GraphPanel
        drawn={[{ expr: answer.question, series }]}
        dots={undefined}
        start={first}
        end={last}
        step={parseDuration(step) ?? 86_400}
        loading={false}
        failed={false}
        onZoom={(from, to) => {
          const iso = (at: number): string => new Date(at * 1000).toISOString();
          navigate(
            toUrl(
              location.pathname,
              patchSearch(new URLSearchParams(location.search), { since: iso(from), until: iso(to) }),
            ),
          );
        }}
      />
    </section>
  );
}

/** One line for each task, those with the most failures first. */
export function linesOf({ rows }: Pick<Answer, 'rows'>): Series[] {
  const lines = new Map<string, Line>();
  for (const row of rows) {
    const at = parseTime(String(row['at'] ?? ''));
    if (at === undefined) continue;
    const word = (name: string): string => String(row[name] ?? '');
    const metric = { __name__: word('task'), pipeline: word('pipeline'), repository: word('repository') };
    const key = JSON.stringify(metric);
    const line: Line = lines.get(key) ?? { metric, values: [], failed: 0 };
    line.values.push([at / 1000, String(row['share'] ?? 0)]);
    line.failed += Number(row['failed'] ?? 0);
    lines.set(key, line);
  }
  return [...lines.values()]
    .sort((a, b) => b.failed - a.failed)
    .slice(0, mostLines)
    .map(({ metric, values }) => ({ metric, values: values.sort(([a], [b]) => a - b) }));
}

interface Line {
  metric: Labels;
  values: [number, string][];
  failed: number;
}
