import type { RuleGroup } from '../api/types';
import { Icon } from '../kit/Icon';
import { Badge, Fact, Facts, LabelList } from '../kit/parts';
import { Pane, PaneSection } from '../kit/Pane';
import { lookOfAlert, lookOfExecution } from '../kit/state';
import { useRunNames } from '../runs/names';
import { Link } from '../shell/router';
import { formatDuration, formatMoment, formatPeriod } from '../time/format';
import { useNow } from '../time/useNow';
import type { ShownAlert } from './shown';
import { runOf } from './identity';

/** Everything about one alert: what it says, which rule, which run, and what was done about it. */
export function AlertPane({
  alert,
  groups,
  onClose,
}: {
  alert: ShownAlert;
  groups: RuleGroup[] | undefined;
  onClose: () => void;
}) {
  const now = useNow();
  const runName = useRunNames();
  const rule = groups
    ?.flatMap((group) => group.rules.map((r) => ({ ...r, group })))
    .find((r) => r.type === 'alerting' && r.name === alert.labels['alertname']);
  const annotations = Object.entries(alert.annotations);
  const run = runOf(alert.labels, alert.annotations) ?? alert.actions.find((action) => action.run)?.run;
  const seconds = ((alert.until ?? (alert.state === 'resolved' ? alert.since : now)) - alert.since) / 1000;
  return (
    <Pane
      label="Alert"
      onClose={onClose}
      title={
        <>
          {alert.labels['alertname']}
          <Badge look={lookOfAlert(alert.state)} />
        </>
      }
    >
      {annotations.map(([name, text]) => (
        <PaneSection key={name} title={name}>
          <p className="prose">{text}</p>
        </PaneSection>
      ))}
      <Facts>
        <Fact name="Since">{formatMoment(alert.since)}</Fact>
        {alert.until !== undefined && <Fact name="Resolved">{formatMoment(alert.until)}</Fact>}
        {seconds > 0 && (
          <Fact name="For">{formatDuration(alert.state === 'resolved' ? seconds : Math.floor(seconds))}</Fact>
        )}
        {alert.value !== undefined && (
          <Fact name="Value">
            {Number.isNaN(Number(alert.value)) ? alert.value : String(Number(Number(alert.value).toPrecision(6)))}
          </Fact>
        )}
        {run && (
          <Fact name="Run">
            <Link className="link" to={`/runs/${run}`}>
              {runName(run)}
            </Link>
          </Fact>
        )}
      </Facts>
      <PaneSection title="What was done">
        {alert.actions.length === 0 && (
          <p className="muted">
            No policy has answered this alert. A policy under <code>policies</code> in flyball.yml names the alerts it
            answers.
          </p>
        )}
        {alert.actions.map((action) => (
          <div key={action.id} className="answer" data-testid="alert-answer" data-state={action.status}>
            <div className="answer-head">
              <Link to={`/actions?sel=${action.id}`}>
                <Badge look={lookOfExecution(action.status)}>{action.action}</Badge>
              </Link>
              <span className="soft">
                <Icon name="shield" size={14} />{' '}
                <Link className="link" to={`/actions/policies?sel=${encodeURIComponent(action.policy)}`}>
                  {action.policy}
                </Link>
              </span>
            </div>
            {action.reason && <p className="soft">{action.reason}</p>}
            <p className="muted num">
              {action.latencySeconds !== undefined && (
                <>called {formatDuration(action.latencySeconds)} after the event</>
              )}
              {action.durationSeconds !== undefined && <>, took {formatDuration(action.durationSeconds)}</>}
            </p>
            {action.error && <p className="answer-error">{action.error}</p>}
          </div>
        ))}
      </PaneSection>
      <PaneSection title="Labels">
        <LabelList labels={alert.labels} without={['alertname']} />
      </PaneSection>
      {rule && (
        <PaneSection title="Rule">
          <Link className="expr mono" to={`/explore?q=${encodeURIComponent(rule.query)}`} title="Open in Explore">
            {rule.query}
          </Link>
          <p className="muted">
            group {rule.group.name} in {rule.group.file}
            {rule.duration ? `, for ${formatPeriod(rule.duration)}` : ''}
          </p>
        </PaneSection>
      )}
    </Pane>
  );
}
