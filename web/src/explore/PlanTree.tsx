import { useMemo, useState, type CSSProperties, type KeyboardEvent } from 'react';
import type { PlanPart } from '../api/types';
import { Icon } from '../kit/Icon';
import { formatDuration } from '../time/format';
import { planRows, type PlanRow } from './plan';
import { formatValue } from './series';

interface Props {
  plan: PlanPart;
  expr: string;
  /** Tells which part is being looked at, so that the editor can show where it stands. */
  onPoint: (part: PlanPart | undefined) => void;
}

/** What each part of a query did: a tree in the order of the plan, with what it touched and how long it took. */
export function PlanTree({ plan, expr, onPoint }: Props) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState('0');
  const rows = useMemo(() => planRows(plan, closed), [plan, closed]);
  const hasPages = useMemo(() => tellsPages(plan), [plan]);
  const toggle = (id: string): void =>
    setClosed((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  return (
    <section className="panel plan" aria-label={`Plan of ${expr}`} data-testid="plan" data-parts={rows.length}>
      <header className="panel-head">
        <h2>Plan</h2>
        <span className="muted num">{formatDuration(plan.inclusiveSeconds)} on one thread, nothing from the cache</span>
        <span className="plan-key" aria-hidden="true">
          <i className="source" /> in the store <i className="own" /> computing <i className="below" /> in parts below
        </span>
      </header>
      <div className="plan-scroll">
        <table role="treegrid" aria-label="Parts of the plan">
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col" className="right">
                Steps
              </th>
              <th scope="col" className="right" title="series that came in → series handed on">
                Series
              </th>
              {hasPages && (
                <th scope="col" className="right">
                  Pages
                </th>
              )}
              <th scope="col" className="right" title="samples its own selector decoded">
                Samples read
              </th>
              <th scope="col" className="right" title="samples looked at, once for each step and window">
                Touched
              </th>
              <th scope="col" className="right" title="time spent in this part alone">
                Own time
              </th>
              <th scope="col" className="right" title="time spent in this part and those below">
                With below
              </th>
              <th scope="col" className="plan-share">
                Share
              </th>
            </tr>
          </thead>
          <tbody onPointerLeave={() => onPoint(undefined)}>
            {rows.map((row) => (
              <Part
                key={row.id}
                row={row}
                hasPages={hasPages}
                open={!closed.has(row.id)}
                active={row.id === active}
                onToggle={() => toggle(row.id)}
                onActive={() => {
                  setActive(row.id);
                  onPoint(row.part);
                }}
                onPoint={onPoint}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface PartProps {
  row: PlanRow;
  hasPages: boolean;
  open: boolean;
  active: boolean;
  onToggle: () => void;
  onActive: () => void;
  onPoint: (part: PlanPart | undefined) => void;
}

function Part({ row, hasPages, open, active, onToggle, onActive, onPoint }: PartProps) {
  const { part } = row;
  const hasChildren = part.children.length > 0;
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowRight' && hasChildren && !open) onToggle();
    else if (event.key === 'ArrowLeft' && hasChildren && open) onToggle();
    else if (event.key === 'Enter' && hasChildren) onToggle();
    else if (event.key === 'ArrowDown') sibling(event.currentTarget, 'nextElementSibling');
    else if (event.key === 'ArrowUp') sibling(event.currentTarget, 'previousElementSibling');
    else return;
    event.preventDefault();
  };
  const share = `${Math.round(row.own * 100)} %`;
  return (
    <tr
      role="row"
      aria-level={row.depth + 1}
      aria-expanded={hasChildren ? open : undefined}
      tabIndex={active ? 0 : -1}
      data-row
      data-testid="plan-row"
      data-operator={part.operator.trim()}
      onFocus={onActive}
      onBlur={() => onPoint(undefined)}
      onPointerEnter={() => onPoint(part)}
      onKeyDown={onKey}
    >
      <td className="plan-part" style={{ '--depth': row.depth } as CSSProperties}>
        <span className="plan-line">
          {hasChildren ? (
            <button
              type="button"
              tabIndex={-1}
              className={`chevron ${open ? 'open' : ''}`}
              onClick={onToggle}
              aria-label={open ? 'Collapse' : 'Expand'}
            >
              <Icon name="chevron" size={12} />
            </button>
          ) : (
            <span className="chevron" />
          )}
          <strong>{part.operator.trim()}</strong>
          <code className="clip muted" title={part.expression}>
            {part.expression}
          </code>
          {row.isCostliest && <span className="chip">costliest</span>}
        </span>
        {part.suggestion && (
          <span className="plan-hint tone-wait">
            <Icon name="hint" size={14} />
            {part.suggestion}
          </span>
        )}
      </td>
      <td className="right num muted">{formatValue(part.steps)}</td>
      <td className="right num">
        {part.seriesIn === part.seriesOut
          ? formatValue(part.seriesOut)
          : `${formatValue(part.seriesIn)} → ${formatValue(part.seriesOut)}`}
      </td>
      {hasPages && <td className="right num">{count(part.pagesRead)}</td>}
      <td className="right num">{count(part.samplesRead)}</td>
      <td className="right num">{count(part.samplesTouched)}</td>
      <td className="right num">{formatDuration(part.exclusiveSeconds)}</td>
      <td className="right num muted">{formatDuration(part.inclusiveSeconds)}</td>
      <td className="plan-share" title={`${share} of the query's time in this part alone`}>
        <span className="plan-bar" role="img" aria-label={share}>
          <i className="source" style={{ width: percent(row.source) }} />
          <i className="own" style={{ width: percent(row.own - row.source) }} />
          <i className="below" style={{ width: percent(row.inclusive - row.own) }} />
        </span>
        <span className="num soft">{share}</span>
      </td>
    </tr>
  );
}

const percent = (share: number): string => `${Math.max(0, share * 100).toFixed(2)}%`;
const count = (value: number | undefined): string => (value ? formatValue(value) : '–');
const tellsPages = (part: PlanPart): boolean => part.pagesRead !== undefined || part.children.some(tellsPages);

function sibling(row: HTMLElement, way: 'nextElementSibling' | 'previousElementSibling'): void {
  (row[way] as HTMLElement | null)?.focus();
}
