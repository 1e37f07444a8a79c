import type { Test } from '../api/tests';
import { StateDot } from '../kit/parts';
import { Link, patchSearch, toUrl } from '../shell/router';
import { formatDuration } from '../time/format';
import { explainFlakiness, kindOf, lookOfTest, percentOf } from './flakiness';
import { choosing } from './TestsPage';
import { TrendBars } from './TrendBars';

export function TestRow({ test, search, isOpen }: { test: Test; search: URLSearchParams; isOpen: boolean }) {
  const kind = kindOf(test);
  const where = [test.suite, test.class].filter((part, i, all) => part && all.indexOf(part) === i).join(' › ');
  return (
    <Link
      to={toUrl('/tests', patchSearch(search, choosing(isOpen ? undefined : test)))}
      className="row test-row"
      data-row
      data-testid="test-row"
      data-name={test.name}
      data-state={test.last}
      aria-current={isOpen}
    >
      <StateDot look={lookOfTest(test.last)} size={18} />
      <span className="test-name">
        <span className="clip" title={test.name}>
          {test.name || <span className="muted">(without a name)</span>}
        </span>
        <span className="clip muted" title={where || test.file}>
          {where || test.file}
        </span>
      </span>
      <span className="test-trend">
        <TrendBars moments={test.recent ?? []} label={`Last: ${lookOfTest(test.last).label}`} />
      </span>
      <span className="right num soft">{test.executions}</span>
      <span className="right num">
        {test.failures > 0 ? (
          <span className="tone-bad test-failures">
            {test.failures}
            {test.executions > 0 && <span className="muted"> · {percentOf(test.failures / test.executions)}</span>}
          </span>
        ) : (
          <span className="muted">0</span>
        )}
      </span>
      <span className="right num test-flaky" title={explainFlakiness(test)}>
        {kind && <span className={`chip tone-${kind.tone} test-kind`}>{kind.label.toLowerCase()}</span>}
        {test.judgedCommits === 0 ? (
          <span className="muted">–</span>
        ) : test.mixedCommits > 0 ? (
          percentOf(test.flakiness)
        ) : (
          <span className="muted">0 %</span>
        )}
      </span>
      <span className="right num test-mean">{formatDuration(test.executions ? test.meanSeconds : undefined)}</span>
      <span className="right num muted test-most">
        {formatDuration(test.executions ? test.mostSeconds : undefined)}
      </span>
    </Link>
  );
}
