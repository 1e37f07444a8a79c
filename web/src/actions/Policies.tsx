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
                and{' '}
                <Link
                  className="chip mono condition"
                  to={`/explore?q=${encodeURIComponent(policy.condition)}`}
                  title="Open in Explore"
                >
                  {policy.condition}
                </Link>{' '}
                holds
              </>
            )}
            , run <strong>{policy.action}</strong>.
          </p>
          <Facts>
            <Fact name="Cooldown">{policy.cooldownSeconds ? formatPeriod(policy.cooldownSeconds) : 'none'}</Fact>
            <Fact name="Rate limit">
              {policy.rateLimit ? `${policy.rateLimit.count} per ${formatPeriod(policy.rateLimit.perSeconds)}` : 'none'}
            </Fact>
            <Fact name="At once">{policy.concurrency ?? 'unbounded'}</Fact>
          </Facts>
        </li>
      ))}
    </ul>
  );
}
