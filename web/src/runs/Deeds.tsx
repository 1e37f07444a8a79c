import { alertId } from '../alerts/identity';
import type { Execution, RunDetail } from '../api/types';
import { Icon } from '../kit/Icon';
import { Badge } from '../kit/parts';
import { lookOfAlert, lookOfExecution } from '../kit/state';
import { labelKey } from '../live/reducer';
import { Link } from '../shell/router';
import { formatDuration } from '../time/format';

/** What this run set off: alert, the policy that spoke and why, what was done, and how it ended. One line each. */
export function Deeds({ run }: { run: RunDetail }) {
  const actions = run.actions ?? [];
  const answered = new Set(actions.map((action) => action.alert && labelKey(action.alert.labels)));
  const loose = (run.alerts ?? []).filter((alert) => !answered.has(labelKey(alert.labels)));
  if (actions.length === 0 && loose.length === 0) return null;
  return (
    <section className="panel deeds" aria-label="Alerts and actions of this run">
      {actions.map((action) => (
        <Deed key={action.id} action={action} run={run} />
      ))}
      {loose.map((alert) => (
        <div key={labelKey(alert.labels)} className="deed">
          <Link className="deed-alert" to={`/alerts?sel=${alertId(alert.labels)}`}>
            <Badge look={lookOfAlert(alert.state)}>{alert.labels['alertname']}</Badge>
          </Link>
          {alert.annotations?.['summary'] && <span className="soft">{alert.annotations['summary']}</span>}
          <span className="muted">no policy answers this alert</span>
        </div>
      ))}
    </section>
  );
}

function Deed({ action, run }: { action: Execution; run: RunDetail }) {
  const key = action.alert && labelKey(action.alert.labels);
  const alert = run.alerts?.find((candidate) => labelKey(candidate.labels) === key);
  return (
    <div className="deed" data-testid="deed" data-state={action.status}>
      {action.alert && (
        <>
          <Link className="deed-alert" to={`/alerts?sel=${alertId(action.alert.labels)}`}>
            <Badge look={alert ? lookOfAlert(alert.state) : { tone: 'off', label: 'Alert' }}>
              {action.alert.alertname}
              {alert && <span className="deed-state">{lookOfAlert(alert.state).label.toLowerCase()}</span>}
            </Badge>
          </Link>
          <Icon name="arrow" size={14} className="muted" />
        </>
      )}
      <span className="deed-policy">
        <Icon name="shield" size={14} />
        <Link className="link" to={`/actions/policies?sel=${encodeURIComponent(action.policy)}`}>
          {action.policy}
        </Link>
      </span>
      <Icon name="arrow" size={14} className="muted" />
      <Link to={`/actions?sel=${action.id}`}>
        <Badge look={lookOfExecution(action.status)}>{action.action}</Badge>
      </Link>
      {action.latencySeconds !== undefined && (
        <span className="num soft">{formatDuration(action.latencySeconds)} after the event</span>
      )}
      {action.durationSeconds !== undefined && (
        <span className="num muted">took {formatDuration(action.durationSeconds)}</span>
      )}
      {action.reason && (
        <p className="deed-reason" title={action.reason}>
          {action.reason}
        </p>
      )}
    </div>
  );
}
