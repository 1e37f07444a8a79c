import type { RuleGroup } from '../api/types';
import { Badge, Code, Empty, Failure, LabelList, Skeleton, StateDot } from '../kit/parts';
import { lookOfAlert, lookOfExecution } from '../kit/state';
import { Link, setSearch, usePlace } from '../shell/router';
import { formatAgo, formatDuration, formatPeriod } from '../time/format';
import { useNow } from '../time/useNow';
import { AlertPane } from './AlertPane';
import type { ShownAlert } from './shown';
import { Strip, windowMs } from './Strip';

export function AlertList({
  shown,
  loading,
  error,
  groups,
}: {
  shown: ShownAlert[];
  loading: boolean;
  error: Error | null;
  groups: RuleGroup[] | undefined;
}) {
  const { search } = usePlace();
  const selected = shown.find((alert) => alert.id === search.get('sel'));
  if (error) return <Failure error={error} />;
  if (loading)
    return (
      <section className="panel">
        <Skeleton rows={4} height={52} />
      </section>
    );
  const active = shown.filter((alert) => alert.state !== 'resolved');
  const past = shown.filter((alert) => alert.state === 'resolved');
  const hasRules = groups?.some((group) => group.rules.some((rule) => rule.type === 'alerting'));
  return (
    <div className={`split ${selected ? 'open' : ''}`}>
      <div className="alert-lists">
        <section className="panel list alert-list" aria-label="Active alerts">
          <header className="panel-head">
            <h2>Active</h2>
            <span className="muted num">{active.length}</span>
          </header>
          {active.length > 0 && <Rows alerts={active} selected={selected?.id} />}
          {active.length === 0 && hasRules !== false && <Quiet />}
          {active.length === 0 && hasRules === false && <NoRules />}
        </section>
        {past.length > 0 && (
          <section className="panel list alert-list" aria-label="Recently resolved alerts">
            <header className="panel-head">
              <h2>Recently resolved</h2>
              <span className="muted num">{past.length}</span>
            </header>
            <Rows alerts={past} selected={selected?.id} />
          </section>
        )}
      </div>
      {selected && <AlertPane alert={selected} groups={groups} onClose={() => setSearch({ sel: undefined })} />}
    </div>
  );
}

function Rows({ alerts, selected }: { alerts: ShownAlert[]; selected: string | undefined }) {
  const now = useNow();
  return (
    <ul>
      {alerts.map((alert) => {
        const look = lookOfAlert(alert.state);
        const action = alert.actions[0];
        return (
          <li key={alert.id}>
            <Link
              to={`/alerts?sel=${alert.id}`}
              className="row alert-row"
              data-row
              data-testid="alert-row"
              data-state={alert.state}
              data-alertname={alert.labels['alertname']}
              aria-current={alert.id === selected}
            >
              <StateDot look={look} size={18} />
              <span className="alert-name">
                <strong className="clip">{alert.labels['alertname']}</strong>
                <span className="clip soft">
                  {alert.annotations['summary'] ?? <LabelList labels={alert.labels} without={['alertname']} />}
                </span>
              </span>
              <span className="alert-action">
                {action && <Badge look={lookOfExecution(action.status)}>{action.action}</Badge>}
              </span>
              <Strip stretches={alert.stretches} now={now} />
              <span className="right num alert-since">
                <span>{sinceLabel(alert)}</span>
                <strong>
                  {alert.state === 'resolved'
                    ? formatAgo(new Date(alert.until ?? alert.since).toISOString(), now)
                    : formatDuration(Math.floor(Math.max(0, now - alert.since) / 1000))}
                </strong>
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function sinceLabel({ state, since, until }: ShownAlert): string {
  if (state !== 'resolved') return `${state} for`;
  return until !== undefined && until > since ? `after ${formatDuration((until - since) / 1000)}` : 'resolved';
}

function Quiet() {
  return (
    <p className="quiet muted">
      Nothing is pending or firing. Alerts of the last {formatPeriod(windowMs / 1000)} stay listed below after they
      resolve.
    </p>
  );
}

const snippet = `# flyball.yml
rule_files: [rules/*.yml]

# rules/delivery.yml
groups:
  - name: delivery
    rules:
      - alert: TargetDown
        expr: up == 0
        for: 1m
        annotations:
          summary: '{{ $labels.instance }} cannot be scraped'`;

function NoRules() {
  return (
    <Empty icon="alert" title="No alerting rules yet">
      <p>
        Flyball reads Prometheus rule files. Name one in the configuration and reload with SIGHUP or{' '}
        <code>POST /-/reload</code>:
      </p>
      <Code text={snippet} label="Copy the rules" />
    </Empty>
  );
}
