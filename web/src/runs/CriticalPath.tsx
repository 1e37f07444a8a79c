import { useQuery } from '@tanstack/react-query';
import { answerQuery, type Answer, type AnswerRow } from '../api/questions';
import type { RunDetail, Task } from '../api/types';
import { formatDuration, parseTime } from '../time/format';
import './waterfall/waterfall.css';

/** What a run's duration consists of, one after the other; docs/runs.md, "Questions". */
export interface PathPart {
  task: string;
  attempt: number;
  outcome: string;
  /** Waiting before it. */
  gapSeconds: number;
  seconds: number;
  /** Epoch ms of its begin; what finds it in the waterfall. */
  at: number | undefined;
}

export function useCriticalPath(run: RunDetail): Answer | undefined {
  const isLong = run.tasks.length > 0;
  const { data } = useQuery({
    ...answerQuery('critical-path', { id: run.id }),
    enabled: isLong,
    refetchInterval: run.state === 'finished' ? false : 5_000,
    retry: false,
  });
  return isLong ? data : undefined;
}

export const partsOf = (answer: Answer): PathPart[] =>
  answer.rows.map((row: AnswerRow) => ({
    task: String(row['task'] ?? ''),
    attempt: Number(row['attempt'] ?? 1),
    outcome: String(row['outcome'] ?? ''),
    gapSeconds: Number(row['gapSeconds'] ?? 0),
    seconds: Number(row['durationSeconds'] ?? 0),
    at: parseTime(String(row['at'] ?? '')),
  }));

/** The attempt of a run that a part of its path is. Legs of a matrix bear one name: the one that began nearest is meant. */
export function taskOf(run: RunDetail, part: PathPart): Task | undefined {
  const away = (task: Task): number => Math.abs((parseTime(task.startedAt) ?? 0) - (part.at ?? 0));
  return run.tasks
    .filter((task) => task.name === part.task && (task.attempt ?? 1) === part.attempt)
    .reduce<Task | undefined>((best, task) => (best && away(best) <= away(task) ? best : task), undefined);
}

interface Props {
  answer: Answer;
  /** Whether it is marked in a waterfall, and what turns that; absent where there is no waterfall. */
  marking?: { on: boolean; onToggle: (on: boolean) => void };
  onOpen: (part: PathPart) => void;
}

/** The path as one strip as long as the run: attempts that waited for each other, and hatched the gaps between them. */
export function CriticalPathStrip({ answer, marking, onOpen }: Props) {
  const parts = partsOf(answer);
  const bottleneck = String(answer.facts['bottleneck'] ?? '');
  const lastGap = Number(answer.facts['lastGapSeconds'] ?? 0);
  const gaps = Number(answer.facts['gapSeconds'] ?? 0);
  const path = Number(answer.facts['pathSeconds'] ?? 0);
  if (parts.length < 2) return null;
  return (
    <section className="panel path" aria-label="Critical path" data-testid="critical-path" data-parts={parts.length}>
      <div className="path-head">
        <h2>Critical path</h2>
        <span className="muted num">
          {formatDuration(path)} of work, {formatDuration(gaps)} between; the longest is{' '}
          <strong className="soft">{bottleneck}</strong>
        </span>
        {marking && (
          <label className="path-toggle">
            <input type="checkbox" checked={marking.on} onChange={(event) => marking.onToggle(event.target.checked)} />
            mark it in the waterfall
          </label>
        )}
      </div>
      <div className="path-strip">
        {parts.flatMap((part, i) => [
          part.gapSeconds > 0 && (
            <i
              key={`gap ${i}`}
              className="path-gap"
              style={{ flexGrow: part.gapSeconds }}
              title={`${formatDuration(part.gapSeconds)} between`}
            />
          ),
          <button
            key={i}
            type="button"
            className={`path-part ${part.task === bottleneck ? 'longest' : ''}`}
            style={{ flexGrow: part.seconds }}
            title={`${part.task}${part.attempt > 1 ? `, attempt ${part.attempt}` : ''}: ${formatDuration(part.seconds)}`}
            onClick={() => onOpen(part)}
          >
            <span className="clip">{part.task}</span>
            <span className="num muted">{formatDuration(part.seconds)}</span>
          </button>,
        ])}
        {lastGap > 0 && (
          <i
            className="path-gap"
            style={{ flexGrow: lastGap }}
            title={`${formatDuration(lastGap)} after the last task`}
          />
        )}
      </div>
    </section>
  );
}
