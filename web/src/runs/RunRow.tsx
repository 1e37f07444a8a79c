import type { Run } from '../api/types';
import { Icon } from '../kit/Icon';
import { Ago, StateDot } from '../kit/parts';
import { lookOf, rawState } from '../kit/state';
import { SystemIcon, systemName } from '../kit/systems';
import { Link } from '../shell/router';
import { formatDuration, formatTicking, parseTime } from '../time/format';
import { useFastNow } from '../time/useNow';
import { nameOf, numberOf, shortRepository, signOf } from './names';
import { TaskBar } from './TaskBar';

/** One run of the list. `stuck` says why it is taken for one that never ends. */
export function RunRow({ run, stuck }: { run: Run; stuck?: string | undefined }) {
  const look = lookOf(run);
  const number = numberOf(run);
  const system = systemName(run.system);
  const by = [run.actor, run.trigger?.replaceAll('_', ' ')].filter(Boolean).join(' · ');
  return (
    <Link
      to={`/runs/${run.id}`}
      className="row run-row"
      data-row
      data-testid="run-row"
      data-id={run.id}
      data-state={rawState(run)}
      data-system={run.system}
      data-pipeline={run.pipeline}
      data-number={number}
      data-stuck={stuck ? 'true' : undefined}
    >
      <span className={`run-result tone-${look.tone}`}>
        <StateDot look={look} size={18} />
        <span className="run-result-word clip" aria-hidden="true">
          {look.label}
        </span>
      </span>
      <span className="run-name clip" title={shortRepository(run.repository) || undefined}>
        <strong>{run.pipeline || nameOf(run)}</strong>
        <span className="soft num"> {signOf(run)}</span>
        {(run.attempt ?? 1) > 1 && <span className="muted num"> · attempt {run.attempt}</span>}
      </span>
      <span className="run-system with-icon soft" title={run.instance ? `${system} at ${run.instance}` : system}>
        <SystemIcon system={run.system} />
        <span className="clip">{system}</span>
      </span>
      <span className="run-commit">
        {run.branch && (
          <span className="with-icon">
            <Icon name="branch" size={14} />
            <span className="clip" title={run.branch}>
              {run.branch}
            </span>
          </span>
        )}
        {run.commit && (
          <span className="mono muted" title={run.commitTitle}>
            {run.commit.slice(0, 7)}
          </span>
        )}
      </span>
      <span className="run-trigger clip soft" title={by || undefined}>
        {by}
      </span>
      <TaskBar tasks={run.tasks} />
      <span className="right num muted run-queue">
        <QueueTime run={run} />
      </span>
      <span className="right num run-duration">
        {stuck && (
          <span className="stuck tone-fault" title={stuck} role="img" aria-label={stuck}>
            <Icon name="clock" size={14} />
          </span>
        )}
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

/** How long it waited, or has been waiting. */
export function QueueTime({ run }: { run: Pick<Run, 'state' | 'startedAt' | 'createdAt' | 'queueSeconds'> }) {
  if (run.state !== 'pending' || run.startedAt) return formatDuration(run.queueSeconds);
  return <Ticking since={run.createdAt} />;
}

function Ticking({ since }: { since: string | undefined }) {
  const now = useFastNow(true);
  const start = parseTime(since);
  return start === undefined ? '–' : <span className="ticking">{formatTicking((now - start) / 1000)}</span>;
}
