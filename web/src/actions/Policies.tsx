import type { Policy } from '../api/types';
import { Ago, Empty, Fact, Facts, Skeleton } from '../kit/parts';
import { Link } from '../shell/router';
import { formatPeriod } from '../time/format';

/** What may be done without asking, and within which bounds. */
export function Policies({ policies, selected }: { policies: Policy[] | undefined; selected: string | undefined }) {
  if (!policies)
    return (
      <section className="panel">
        <Skeleton rows={3} height={88} />
      </section>
    );
  if (policies.length === 0)
    return (
      <section className="panel">
        <Empty icon="shield" title="No policies configured">
          <p>
            Without a policy no alert ever leads to an action. Add one under <code>policies</code> in flyball.yml.
          </p>
        </Empty>
      </section>
    );
  return (
    <ul className="policies">
      {policies.map((policy) => (
        <li
          key={policy.name}
          className={`panel policy ${policy.name === selected ? 'chosen' : ''}`}
          data-testid="policy-row"
          data-policy={policy.name}
          data-row
          tabIndex={-1}
        >
          <header>
            <h2>{policy.name}</h2>
            {policy.dryRun && <span className="chip">dry run</span>}
            <span className="muted policy-last">
              last decision <Ago time={policy.lastDecisionAt} />
            </span>
          </header>
          <p className="policy-sentence">
            When{' '}
            {policy.alerts?.length
              ? policy.alerts.map((matcher, i) => (
                  <span key={matcher}>
                    {i > 0 && ' and '}
                    <code className="chip mono">{matcher}</code>
                  </span>
                ))
              : 'any alert'}{' '}
            fires
            {policy.condition && (
              <>
                {' '}
                and <Condition text={policy.condition} /> holds
              </>
            )}
            , run <strong>{policy.action}</strong>.
          </p>
          <Facts>
            <Fact name="Cooldown">{policy.cooldownSeconds ? formatPeriod(policy.cooldownSeconds) : 'none'}</Fact>
            <Fact name="Rate limit">
              {policy.rateLimit ? `${policy.rateLimit.count} per ${formatPeriod(policy.rateLimit.perSeconds)}` : 'none'}
            </Fact>
            {policy.groupBy?.length ? <Fact name="For each">{policy.groupBy.join(', ')}</Fact> : null}
            <Fact name="At once">{policy.concurrency ?? 'unbounded'}</Fact>
          </Facts>
        </li>
      ))}
    </ul>
  );
}

/** A query one can look at, unless an alert has to fill in its labels first. */
function Condition({ text }: { text: string }) {
  if (text.includes('{{')) return <code className="chip mono">{text}</code>;
  return (
    <Link className="chip mono condition" to={`/explore?q=${encodeURIComponent(text)}`} title="Open in Explore">
      {text}
    </Link>
  );
}
