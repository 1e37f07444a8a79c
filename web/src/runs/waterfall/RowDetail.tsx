import type { Attributes } from '../../api/types';
import { Code, Fact, Facts } from '../../kit/parts';
import { formatClock, formatDuration } from '../../time/format';
import type { Row } from './rows';

/** Where a step's log tail is when its span came without the task. */
const logAttribute = 'flyball.log.tail';

/** What is known about one row: its facts, the end of its log, attributes and events. */
export function RowDetail({ row, origin }: { row: Row; origin: number }) {
  const { task, span, step } = row;
  const attributes = Object.entries(span?.attributes ?? {}).filter(([name]) => name !== logAttribute);
  const log = task?.logTail ?? span?.attributes?.[logAttribute];
  const errorType = task?.errorType ?? step?.errorType;
  const events = span?.events ?? [];
  const first = row.bars[0];
  const queue = first?.queuedFrom === undefined ? undefined : (first.start - first.queuedFrom) / 1000;
  const exitCode = task?.exitCode ?? step?.exitCode;
  return (
    <div className="wf-detail" role="row" data-testid="waterfall-detail">
      <div role="gridcell">
        <Facts>
          <Fact name="Started">{formatClock(origin + (first?.start ?? 0), true)}</Fact>
          <Fact name="After run began">{formatDuration((first?.start ?? 0) / 1000)}</Fact>
          <Fact name="Duration">{formatDuration(((first?.end ?? 0) - (first?.start ?? 0)) / 1000)}</Fact>
          {queue !== undefined && <Fact name="Queued">{formatDuration(queue)}</Fact>}
          {exitCode !== undefined && (
            <Fact name="Exit code">
              <span className={exitCode === 0 ? '' : 'wf-exit-code'}>{exitCode}</span>
            </Fact>
          )}
          {errorType && (
            <Fact name="Error">
              <span className="mono">{errorType}</span>
            </Fact>
          )}
          {task?.message && <Fact name="Message">{task.message}</Fact>}
          {span?.statusMessage && span.statusMessage !== task?.message && (
            <Fact name="Status">{span.statusMessage}</Fact>
          )}
          {task?.worker && (
            <Fact name="Worker">
              <span className="mono">{task.worker}</span>
            </Fact>
          )}
          {task?.url && (
            <Fact name="Log">
              <a className="link" href={task.url} target="_blank" rel="noreferrer">
                in the CI system
              </a>
            </Fact>
          )}
          {span && (
            <Fact name="Span">
              <span className="mono">{span.spanId}</span>
            </Fact>
          )}
        </Facts>
        {typeof log === 'string' && log !== '' && (
          <div className="wf-block">
            <h3>End of the log</h3>
            <Code text={log} label="Copy the log" />
          </div>
        )}
        {(attributes.length > 0 || events.length > 0) && (
          <div className="wf-columns">
            {attributes.length > 0 && (
              <div className="wf-block">
                <h3>Attributes</h3>
                <Pairs entries={attributes} />
              </div>
            )}
            {events.length > 0 && (
              <div className="wf-block">
                <h3>Events</h3>
                <ol className="wf-events">
                  {events.map((event, index) => (
                    <li key={index}>
                      <div className="wf-event-head">
                        <strong>{event.name}</strong>
                        <span className="muted num">{formatClock(event.at, true)}</span>
                      </div>
                      <Pairs entries={Object.entries(event.attributes ?? {})} />
                    </li>
                  ))}
                </ol>
              </div>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

function Pairs({ entries }: { entries: [string, Attributes[string]][] }) {
  return (
    <dl className="pairs mono">
      {entries
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
    </dl>
  );
}
