import type { Rule, RuleGroup } from '../api/types';
import { Ago, Empty, Skeleton, StateDot } from '../kit/parts';
import { lookOfAlert, lookOfHealth, type Look } from '../kit/state';
import { Link } from '../shell/router';
import { formatDuration, formatPeriod } from '../time/format';

/** The rules as loaded, by group, with what each one said last. */
export function Rules({ groups }: { groups: RuleGroup[] | undefined }) {
  if (!groups)
    return (
      <section className="panel">
        <Skeleton rows={6} />
      </section>
    );
  if (groups.length === 0)
    return (
      <section className="panel">
        <Empty icon="alert" title="No rules loaded">
          <p>
            Name Prometheus rule files under <code>rule_files</code> in flyball.yml and reload.
          </p>
        </Empty>
      </section>
    );
  return (
    <div className="alert-lists">
      {groups.map((group) => (
        <section
          key={`${group.file};${group.name}`}
          className="panel list rule-list"
          aria-label={`Rule group ${group.name}`}
        >
          <header className="panel-head">
            <h2>{group.name}</h2>
            <span className="muted clip">{group.file}</span>
            <span className="muted num rule-timing">
              every {formatPeriod(group.interval)} · took {formatDuration(group.evaluationTime)} ·{' '}
              <Ago time={group.lastEvaluation} />
            </span>
          </header>
          <ul>
            {group.rules.map((rule, i) => (
              <li key={`${rule.name}/${i}`}>
                <RuleRow rule={rule} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function lookOfRule(rule: Rule): Look {
  if (rule.health === 'err') return { tone: 'fault', label: 'Evaluation failed' };
  if (rule.type === 'recording')
    return rule.health === 'ok' ? { tone: 'off', label: 'Recording' } : lookOfHealth(rule.health ?? 'unknown');
  return rule.state === 'inactive' || !rule.state ? { tone: 'ok', label: 'Inactive' } : lookOfAlert(rule.state);
}

function RuleRow({ rule }: { rule: Rule }) {
  const look = lookOfRule(rule);
  return (
    <Link
      to={`/explore?q=${encodeURIComponent(rule.query)}`}
      className="row rule-row"
      data-row
      data-testid="rule-row"
      data-state={rule.health === 'err' ? 'err' : (rule.state ?? rule.health)}
      title="Open the expression in Explore"
    >
      <StateDot look={look} size={18} />
      <span className="rule-name clip">
        <strong className="clip" title={rule.name}>
          {rule.name}
        </strong>
        <span className="muted">
          {rule.type === 'recording' ? 'recording' : look.label.toLowerCase()}
          {rule.duration ? `, for ${formatPeriod(rule.duration)}` : ''}
        </span>
      </span>
      <span className="rule-expr">
        <span className="mono clip soft">{rule.query}</span>
        {rule.lastError && <span className="rule-error">{rule.lastError}</span>}
      </span>
      <span className="right num muted">{formatDuration(rule.evaluationTime)}</span>
      <span className="right muted">
        <Ago time={rule.lastEvaluation} />
      </span>
    </Link>
  );
}
