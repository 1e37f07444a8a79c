import { useQuery } from '@tanstack/react-query';
import { targetsQuery } from '../api/queries';
import type { Target } from '../api/types';
import { Ago, Code, Empty, Failure, LabelList, PageHead, Segments, Skeleton, StateDot } from '../kit/parts';
import { Pane, PaneSection } from '../kit/Pane';
import { lookOfHealth } from '../kit/state';
import { labelKey } from '../live/reducer';
import { usePolling } from '../live/LiveProvider';
import { Link, patchSearch, setSearch, toUrl, usePlace } from '../shell/router';
import { formatDuration } from '../time/format';
import './targets.css';

const idOf = (target: Target): string => `${target.scrapePool}|${target.labels['instance'] ?? labelKey(target.labels)}`;
const isUp = (target: Target): boolean => target.health === 'up';

export default function TargetsPage() {
  const { search } = usePlace();
  const { data: targets, error, refetch, isLoading } = useQuery({ ...targetsQuery(), refetchInterval: usePolling() });
  const health = search.get('health') === 'down' ? 'down' : 'all';
  const selected = targets?.find((target) => idOf(target) === search.get('sel'));
  const shown = targets?.filter((target) => health === 'all' || !isUp(target)) ?? [];
  const pools = [...new Set(shown.map((target) => target.scrapePool))]
    .sort()
    .map((pool): [string, Target[]] => [pool, shown.filter((target) => target.scrapePool === pool)]);
  return (
    <>
      <PageHead title="Targets" count={targets && `${targets.filter(isUp).length} of ${targets.length} up`}>
        <Segments
          label="Health"
          value={health}
          onChange={(value) => setSearch({ health: value === 'down' ? 'down' : undefined })}
          choices={[
            { value: 'all', label: 'All', count: targets?.length },
            { value: 'down', label: 'Not up', count: targets?.filter((target) => !isUp(target)).length },
          ]}
        />
      </PageHead>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {isLoading && (
        <section className="panel">
          <Skeleton rows={5} height={48} />
        </section>
      )}
      {targets?.length === 0 && (
        <section className="panel">
          <NoTargets />
        </section>
      )}
      {targets && targets.length > 0 && shown.length === 0 && (
        <section className="panel">
          <Empty icon="check" title="Every target is up" />
        </section>
      )}
      <div className={`split ${selected ? 'open' : ''}`}>
        <div className="pools">
          {pools.map(([pool, members]) => (
            <Pool key={pool} name={pool} targets={members} selected={selected} search={search} />
          ))}
        </div>
        {selected && <TargetPane target={selected} />}
      </div>
    </>
  );
}

function Pool({
  name,
  targets,
  selected,
  search,
}: {
  name: string;
  targets: Target[];
  selected: Target | undefined;
  search: URLSearchParams;
}) {
  const first = targets[0];
  return (
    <section className="panel list target-list" aria-label={`Scrape pool ${name}`}>
      <header className="panel-head">
        <h2>{name}</h2>
        <span className="muted num">
          {targets.filter(isUp).length}/{targets.length} up
        </span>
        {first?.scrapeInterval && (
          <span className="muted num pool-timing">
            every {first.scrapeInterval}
            {first.scrapeTimeout ? `, timeout ${first.scrapeTimeout}` : ''}
          </span>
        )}
      </header>
      <ul>
        {targets.map((target) => (
          <li key={idOf(target)}>
            <Link
              to={toUrl('/targets', patchSearch(search, { sel: idOf(target) }))}
              className="row target-row"
              data-row
              data-testid="target-row"
              data-state={target.health}
              data-pool={name}
              aria-current={target === selected}
            >
              <StateDot look={lookOfHealth(target.health)} size={18} />
              <span className="target-url">
                <span className="clip">{target.scrapeUrl}</span>
                {target.lastError && (
                  <span className="target-error clip" title={target.lastError}>
                    {target.lastError}
                  </span>
                )}
              </span>
              <span className="target-labels clip">
                <LabelList labels={target.labels} without={['job']} />
              </span>
              <span className="right num soft target-took">{formatDuration(target.lastScrapeDuration)}</span>
              <span className="right muted">
                <Ago time={target.lastScrape} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TargetPane({ target }: { target: Target }) {
  const pairs = Object.entries(target.discoveredLabels ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return (
    <Pane
      label="Target"
      title={<span className="clip">{target.labels['instance'] ?? target.scrapeUrl}</span>}
      onClose={() => setSearch({ sel: undefined })}
    >
      {target.lastError && (
        <PaneSection title="Last error">
          <p className="target-error">{target.lastError}</p>
        </PaneSection>
      )}
      <PaneSection title="Address">
        {/^https?:/.test(target.globalUrl ?? '') ? (
          <a className="link mono" href={target.globalUrl} target="_blank" rel="noreferrer">
            {target.scrapeUrl}
          </a>
        ) : (
          <span className="mono">{target.scrapeUrl}</span>
        )}
      </PaneSection>
      <PaneSection title="Labels">
        <LabelList labels={target.labels} />
      </PaneSection>
      {pairs.length > 0 && (
        <PaneSection title="Before relabelling">
          <dl className="pairs mono">
            {pairs.map(([name, value]) => (
              <div key={name} style={{ display: 'contents' }}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </PaneSection>
      )}
      <PaneSection title="History">
        <p>
          <Link
            className="link"
            to={`/explore?q=${encodeURIComponent(`up{job="${target.labels['job'] ?? ''}",instance="${target.labels['instance'] ?? ''}"}`)}`}
          >
            up over time
          </Link>
        </p>
      </PaneSection>
    </Pane>
  );
}

const snippet = `# flyball.yml
scrape_configs:
  - job_name: my-service
    scrape_interval: 15s
    static_configs:
      - targets: ['127.0.0.1:8080']`;

function NoTargets() {
  return (
    <Empty icon="target" title="Nothing is scraped yet">
      <p>
        Any Prometheus exporter will do. Add it to the configuration, then reload with SIGHUP or{' '}
        <code>POST /-/reload</code>:
      </p>
      <Code text={snippet} label="Copy the configuration" />
    </Empty>
  );
}
