import type { Run, TaskCounts } from '../api/types';
import { Icon } from '../kit/Icon';
import { Ago, StateDot } from '../kit/parts';
import { lookOf, rawState } from '../kit/state';
import { Link } from '../shell/router';
import { nameOf, numberOf } from './names';
import { formatDuration, formatTicking, parseTime } from '../time/format';
import { useFastNow } from '../time/useNow';

export function RunRow({ run }: { run: Run }) {
  const look = lookOf(run);
  const number = numberOf(run);
  return (
    <Link
      to={`/runs/${run.id}`}
      className="row run-row"
      data-row
      data-testid="run-row"
      data-id={run.id}
      data-state={rawState(run)}
      data-pipeline={run.pipeline}
      data-number={number}
    >
      <StateDot look={look} size={18} />
      <span className="run-name clip">
        <strong>{run.pipeline || nameOf(run)}</strong>
        {number && <span className="soft num"> #{number}</span>}
        {(run.attempt ?? 1) > 1 && <span className="muted num"> · attempt {run.attempt}</span>}
      </span>
      <span className="run-commit">
        {run.branch && (
          <span className="with-icon">
            <Icon name="branch" size={14} />
            <span className="clip">{run.branch}</span>
          </span>
        )}
        {run.commit && (
          <span className="mono muted" title={run.commitTitle}>
            {run.commit.slice(0, 7)}
          </span>
        )}
      </span>
      <span className="run-trigger clip soft">
        {[run.actor, run.trigger?.replaceAll('_', ' ')].filter(Boolean).join(' · ') || run.system}
      </span>
      <TaskBar tasks={run.tasks} />
      <span className="right num muted run-queue">{formatDuration(run.queueSeconds)}</span>
      <span className="right num run-duration">
        <RunDuration run={run} />
      </span>
      <span className="right muted run-started">
        <Ago time={run.startedAt ?? run.createdAt} />
      </span>
    </Link>
  );
}

/** The duration; of a run that is still going, the time so far, ticking. */
export function RunDuration({ run }: { run: Pick<Run, 'state' | 'startedAt' | 'durationSeconds'> }) {
  if (run.state === 'finished') return formatDuration(run.durationSeconds);
  return <Ticking since={run.startedAt} />;
}

function Ticking({ since }: { since: string | undefined }) {
  const now = useFastNow(true);
  const start = parseTime(since);
  return start === undefined ? '–' : <span className="ticking">{formatTicking((now - start) / 1000)}</span>;
}

/** One cell per task, or one bar by share when there are too many to count. */
function TaskBar({ tasks }: { tasks: TaskCounts | undefined }) {
  if (!tasks || tasks.total === 0) return <span />;
  const rest = Math.max(0, tasks.total - tasks.succeeded - tasks.failed - tasks.running);
  const parts = [
    ['ok', tasks.succeeded],
    ['bad', tasks.failed],
    ['going', tasks.running],
    ['off', rest],
  ] as const;
  const label = `${tasks.succeeded} of ${tasks.total} tasks succeeded${tasks.failed ? `, ${tasks.failed} failed` : ''}${tasks.running ? `, ${tasks.running} running` : ''}`;
  return (
    <span className="task-bar" role="img" aria-label={label} title={label}>
      <span className="task-cells">
        {tasks.total <= 16
          ? parts.flatMap(([tone, count]) =>
              Array.from({ length: count }, (_, i) => <i key={tone + i} className={`tone-${tone}`} />),
            )
          : parts.map(
              ([tone, count]) => count > 0 && <i key={tone} className={`tone-${tone}`} style={{ flexGrow: count }} />,
            )}
      </span>
      <span className="num muted">
        {tasks.succeeded}/{tasks.total}
      </span>
    </span>
  );
}
