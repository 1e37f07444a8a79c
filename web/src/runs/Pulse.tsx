import type { Run } from '../api/types';
import { lookOf, rawState } from '../kit/state';
import { Link } from '../shell/router';
import { formatDuration } from '../time/format';
import { nameOf } from './names';
import { median, successRate } from './summary';

const most = 60;

/** The last runs at a glance: height is duration, colour is result; beside it the numbers people ask for. `mixed`: of all results. */
export function Pulse({ runs, mixed }: { runs: Run[]; mixed: boolean }) {
  const shown = runs.slice(0, most).reverse();
  // What still goes on may have gone on for days; it must not make dwarfs of the rest.
  const ended = shown.filter((run) => run.state === 'finished');
  const longest = Math.max(1, ...(ended.length ? ended : shown).map((run) => run.durationSeconds ?? 0));
  const going = runs.filter((run) => run.state !== 'finished').length;
  const rate = successRate(runs);
  const timed = runs.filter((run) => (mixed ? run.result === 'success' : run.state === 'finished'));
  return (
    <section className="panel pulse" aria-label="Summary of the runs listed">
      <dl className="pulse-facts">
        {mixed && (
          <div>
            <dt>Succeeded</dt>
            <dd>{rate === undefined ? '–' : `${Math.round(rate * 100)} %`}</dd>
          </div>
        )}
        <div>
          <dt>Median duration</dt>
          <dd>{formatDuration(median(timed.map((run) => run.durationSeconds ?? 0)))}</dd>
        </div>
        {mixed && (
          <div>
            <dt>Under way</dt>
            <dd>{going}</dd>
          </div>
        )}
      </dl>
      <div className="pulse-bars">
        {shown.map((run) => (
          <Link
            key={run.id}
            to={`/runs/${run.id}`}
            tabIndex={-1}
            className={`tone-${lookOf(run).tone}`}
            title={`${nameOf(run)}: ${rawState(run)}, ${formatDuration(run.durationSeconds)}`}
            aria-label={nameOf(run)}
          >
            <i
              style={{
                height: `${Math.min(100, Math.max(8, Math.sqrt((run.durationSeconds ?? 0) / longest) * 100))}%`,
              }}
            />
          </Link>
        ))}
      </div>
    </section>
  );
}
