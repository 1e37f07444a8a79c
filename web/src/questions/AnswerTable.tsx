import type { Answer, AnswerRow, Cell, ColumnKind } from '../api/questions';
import type { RunResult, RunState } from '../api/types';
import { Ago, StateDot } from '../kit/parts';
import { lookOf } from '../kit/state';
import { signOf, shortRepository } from '../runs/names';
import { Link } from '../shell/router';
import { formatValue } from '../explore/series';
import { formatDuration } from '../time/format';
import { barColumn, columnTitle, fullBar } from './words';

type Column = Answer['columns'][number];

const numeric: ReadonlySet<ColumnKind> = new Set(['seconds', 'count', 'share', 'number']);

/** The rows of an answer. Where a row is about a run, its pipeline leads there. */
export function AnswerTable({ answer }: { answer: Answer }) {
  const isOfRuns = answer.columns.some(({ name }) => name === 'id');
  const hasNumber = isOfRuns && answer.columns.some(({ name }) => name === 'pipeline');
  const columns = answer.columns.filter(({ name }) => !hasNumber || (name !== 'id' && name !== 'number'));
  const bar = barColumn(columns);
  const kind = columns.find(({ name }) => name === bar)?.kind ?? 'number';
  const full = bar ? fullBar(answer.rows, bar, kind) : 1;
  return (
    <div className="answer-scroll">
      <table className="answer-table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={numeric.has(column.kind) ? 'right' : ''}>
                {columnTitle(column.name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer.rows.map((row, i) => (
            <tr key={i} data-testid="answer-row">
              {columns.map((column) => (
                <td key={column.name} className={numeric.has(column.kind) ? 'right num' : ''}>
                  {column.name === bar && typeof row[bar] === 'number' ? (
                    <span className="answer-measure">
                      <i aria-hidden="true">
                        <i style={{ width: `${Math.min(100, (row[bar] / full) * 100)}%` }} />
                      </i>
                      <span>
                        <CellView column={column} row={row} />
                      </span>
                    </span>
                  ) : (
                    <CellView column={column} row={row} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CellView({ column: { name, kind }, row }: { column: Column; row: AnswerRow }) {
  const value = row[name];
  if (name === 'pipeline' && typeof row['id'] === 'string') return <RunCell row={row} id={row['id']} />;
  if (name === 'task' && value === undefined) return <span className="muted">all of the pipeline</span>;
  if (value === undefined) return <span className="muted">–</span>;
  if (name === 'repository') return <span className="muted">{shortRepository(String(value))}</span>;
  if (name === 'outcome' || name === 'state') return <Outcome word={String(value)} />;
  return <>{valueOf(kind, value)}</>;
}

function RunCell({ row, id }: { row: AnswerRow; id: string }) {
  const pipeline = String(row['pipeline'] ?? '');
  const sign = signOf({ pipeline, ...(row['number'] !== undefined && { number: String(row['number']) }) });
  return (
    <Link className="link answer-run" to={`/runs/${id}`} data-row>
      {pipeline || id.slice(0, 8)} <span className="num">{sign}</span>
    </Link>
  );
}

const states: readonly string[] = ['pending', 'executing', 'finalizing'];

export function Outcome({ word }: { word: string }) {
  const look = states.includes(word)
    ? lookOf({ state: word as RunState })
    : lookOf({ state: 'finished', result: word as RunResult });
  return (
    <span className={`with-icon tone-${look.tone} outcome`}>
      <StateDot look={look} size={16} />
      {look.label}
    </span>
  );
}

export function valueOf(kind: ColumnKind, value: NonNullable<Cell>) {
  const text = String(value);
  switch (kind) {
    case 'seconds':
      return formatDuration(Number(value));
    case 'share':
      return `${(Number(value) * 100).toFixed(Number(value) > 0 && Number(value) < 0.1 ? 1 : 0)} %`;
    case 'count':
      return formatValue(Number(value));
    case 'number':
      return Number(value).toFixed(2);
    case 'time':
      return <Ago time={text} />;
    case 'commit':
      return (
        <Link className="link mono" to={`/runs?commit=${encodeURIComponent(text)}`} title={text}>
          {text.slice(0, 10)}
        </Link>
      );
    case 'run':
      return (
        <Link className="link mono" to={`/runs/${text}`} title={text} data-row>
          {text.slice(0, 8)}
        </Link>
      );
    default:
      return text;
  }
}
