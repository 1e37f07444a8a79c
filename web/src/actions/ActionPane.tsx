import { alertId } from '../alerts/identity';
import type { Execution } from '../api/types';
import { Icon } from '../kit/Icon';
import { Badge, Code, LabelList } from '../kit/parts';
import { Pane, PaneSection } from '../kit/Pane';
import { lookOfExecution } from '../kit/state';
import { Link } from '../shell/router';
import { formatClock, formatDuration, parseTime } from '../time/format';

/** One execution: why it was allowed or not, how long each stage took, and what came out. */
export function ActionPane({
  action,
  runName,
  onClose,
}: {
  action: Execution;
  runName: (id: string) => string;
  onClose: () => void;
}) {
  return (
    <Pane
      label="Execution"
      onClose={onClose}
      title={
        <>
          {action.action}
          <Badge look={lookOfExecution(action.status)} />
        </>
      }
    >
      <PaneSection title="Why">
        <p>
          <Icon name="shield" size={14} className="inline" />{' '}
          <Link className="link" to={`/actions/policies?sel=${encodeURIComponent(action.policy)}`}>
            {action.policy}
          </Link>
        </p>
        {action.reason && <p className="soft">{action.reason}</p>}
        {action.rule && (
          <p className="muted">
            Decided by the rule <code>{action.rule}</code>
          </p>
        )}
      </PaneSection>
      {action.what && (
        <PaneSection title={refusedStatus(action.status) ? 'What it would have done' : 'What it did'}>
          <Code text={action.what} label="Copy the command" />
        </PaneSection>
      )}
      <PaneSection title="Stages">
        <Stages action={action} />
      </PaneSection>
      {action.alert && (
        <PaneSection title="Alert">
          <p>
            <Link className="link" to={`/alerts?sel=${alertId(action.alert.labels)}`}>
              {action.alert.alertname}
            </Link>
          </p>
          <LabelList labels={action.alert.labels} without={['alertname']} />
        </PaneSection>
      )}
      {action.run && (
        <PaneSection title="Run">
          <p>
            <Link className="link" to={`/runs/${action.run}`}>
              {runName(action.run)}
            </Link>
          </p>
        </PaneSection>
      )}
      {action.code !== undefined && (
        <PaneSection title={action.executor === 'http' ? 'Status code' : 'Exit code'}>
          <p className="num">{action.code}</p>
        </PaneSection>
      )}
      {action.error && (
        <PaneSection title="Error">
          <p className="action-error">{action.error}</p>
        </PaneSection>
      )}
      {action.output && (
        <PaneSection title="Output">
          <Code text={action.output} label="Copy the output" />
        </PaneSection>
      )}
      <PaneSection title="Journal">
        <p>
          <Link className="link" to={`/journal?subject=${encodeURIComponent(action.id)}`}>
            Entries about this execution
          </Link>
        </p>
      </PaneSection>
    </Pane>
  );
}

const refusedStatus = (status: Execution['status']): boolean => status === 'refused' || status === 'dry_run';

/** Event, decision, start, end, each with its time and the pause since the one before. */
function Stages({ action }: { action: Execution }) {
  const refused = refusedStatus(action.status);
  const stages = [
    { name: 'Event arrived', at: action.causedAt },
    { name: action.status === 'dry_run' ? 'Only noted' : refused ? 'Refused' : 'Allowed', at: action.decidedAt },
    { name: action.executor === 'http' ? 'Request sent' : 'Command started', at: action.startedAt },
    { name: action.status === 'failed' ? 'Failed' : 'Ended', at: action.finishedAt },
  ]
    .map((stage) => ({ ...stage, ms: parseTime(stage.at) }))
    .filter((stage) => stage.ms !== undefined);
  return (
    <ol className="stages">
      {stages.map((stage, i) => {
        const before = stages[i - 1]?.ms;
        return (
          <li key={stage.name}>
            <span>{stage.name}</span>
            <span className="num muted">{formatClock(stage.ms, true)}</span>
            <span className="num right">
              {before === undefined || stage.ms === undefined ? '' : `+${formatDuration((stage.ms - before) / 1000)}`}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
