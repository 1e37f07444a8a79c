import { useQuery } from '@tanstack/react-query';
import { testHistoryQuery, type Test, type TestExecution, type TestIdentity } from '../api/tests';
import { Ago, Badge, Code, Failure, Skeleton, StateDot } from '../kit/parts';
import { Pane, PaneSection } from '../kit/Pane';
import { useRunNames } from '../runs/names';
import { Link } from '../shell/router';
import { formatDuration } from '../time/format';
import { durationTrend, explainFlakiness, kindOf, lookOfTest } from './flakiness';
import { TrendBars } from './TrendBars';

interface Props {
  identity: TestIdentity;
  /** Its figures; absent where the list does not hold it. */
  test: Test | undefined;
  onClose: () => void;
}

const mostBars = 100;

/** One test: what it is, how flaky and why one says so, and every execution with the run it was part of. */
export function TestPane({ identity, test, onClose }: Props) {
  const { data: executions, error, refetch } = useQuery(testHistoryQuery(identity));
  const kind = test && kindOf(test);
  const message = executions?.find((one) => one.message)?.message ?? test?.lastMessage;
  return (
    <Pane
      label="Test"
      title={
        <>
          <span className="clip">{identity.name}</span>
          {kind && <Badge look={kind} />}
        </>
      }
      onClose={onClose}
    >
      <dl className="pairs">
        {(['class', 'suite', 'file'] as const).map(
          (part) =>
            identity[part] && (
              <div key={part} style={{ display: 'contents' }}>
                <dt>{part}</dt>
                <dd className="mono">{identity[part]}</dd>
              </div>
            ),
        )}
      </dl>
      {test && (
        <PaneSection title="Flakiness">
          <p data-testid="flakiness">{explainFlakiness(test)}</p>
        </PaneSection>
      )}
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!executions && !error && <Skeleton rows={6} height={28} />}
      {executions && executions.length > 0 && (
        <PaneSection title="Duration">
          <TrendBars moments={executions.slice(0, mostBars)} links label="Executions, oldest first" />
          <p className="muted num">{trendInWords(executions)}</p>
        </PaneSection>
      )}
      {message && (
        <PaneSection title="Last failure">
          <Code text={message} label="Copy the message" />
        </PaneSection>
      )}
      {executions && <History executions={executions} />}
      <PaneSection title="As series">
        <p>
          <Link className="link" to={`/explore?q=${encodeURIComponent(seriesOf(identity))}&range=7d`}>
            duration over time
          </Link>
        </p>
      </PaneSection>
    </Pane>
  );
}

function trendInWords(executions: TestExecution[]): string {
  const trend = durationTrend(executions);
  const longest = formatDuration(Math.max(...executions.map((one) => one.durationSeconds)));
  if (trend === undefined) return `At most ${longest}; too few executions for a trend.`;
  if (trend > 1.25) return `At most ${longest}; lately ${trend.toFixed(1)} times as long as before.`;
  if (trend < 0.8) return `At most ${longest}; lately ${(1 / trend).toFixed(1)} times as quick as before.`;
  return `At most ${longest}; steady.`;
}

function History({ executions }: { executions: TestExecution[] }) {
  const nameById = useRunNames();
  return (
    <PaneSection title={`${executions.length} ${executions.length === 1 ? 'execution' : 'executions'}`}>
      {executions.length === 0 && <p className="muted">None is kept any more.</p>}
      <ol className="test-history">
        {executions.map((one, i) => (
          <li key={i} data-testid="test-execution" data-state={one.result}>
            <StateDot look={lookOfTest(one.result)} size={16} />
            <span className="clip">
              {one.run ? (
                <Link className="link" to={`/runs/${one.run}`} data-row>
                  {one.pipeline ? nameById(one.run) : one.run.slice(0, 8)}
                </Link>
              ) : (
                <span className="muted">no run</span>
              )}
              {one.commit && <span className="mono muted"> {one.commit.slice(0, 7)}</span>}
            </span>
            <span className="num soft">{formatDuration(one.durationSeconds)}</span>
            <span className="muted">
              <Ago time={one.at} />
            </span>
          </li>
        ))}
      </ol>
    </PaneSection>
  );
}

/** The test's series; docs/runs.md, "Tests". */
function seriesOf({ name, class: className, suite }: TestIdentity): string {
  const matchers = Object.entries({ test: name, class: className, suite })
    .filter(([, value]) => value)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `max by (result) (last_over_time(ci_test_duration_seconds{${matchers.join(', ')}}[1h]))`;
}
