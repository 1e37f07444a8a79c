import type { CSSProperties, KeyboardEvent, MouseEvent } from 'react';
import { Icon } from '../../kit/Icon';
import { StateDot } from '../../kit/parts';
import { formatDuration, formatTicking } from '../../time/format';
import type { Bar, Row } from './rows';
import { clip, percent, type View } from './scale';

interface Props {
  row: Row;
  depth: number;
  open: boolean;
  view: View;
  active: boolean;
  opened: boolean;
  marked: boolean;
  onActive: () => void;
  onToggle: () => void;
  onOpen: () => void;
}

export function WaterfallRow({ row, depth, open, view, active, opened, marked, onActive, onToggle, onOpen }: Props) {
  const hasChildren = row.children.length > 0;
  const onKey = (event: KeyboardEvent): void => {
    if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') onOpen();
    else if (event.key === 'ArrowRight' && hasChildren && !open) onToggle();
    else if (event.key === 'ArrowLeft' && open) onToggle();
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') step(event.currentTarget, event.key === 'ArrowDown');
    else return;
    event.preventDefault();
  };
  const onChevron = (event: MouseEvent): void => {
    event.stopPropagation();
    onToggle();
  };
  return (
    <div
      className={`wf-row kind-${row.kind} ${marked ? 'marked' : ''} ${row.look ? `tone-${row.look.tone}` : ''}`}
      role="row"
      aria-level={depth + 1}
      aria-selected={opened}
      aria-expanded={hasChildren ? open : undefined}
      tabIndex={active ? 0 : -1}
      data-row
      data-testid="waterfall-row"
      data-kind={row.kind}
      data-name={row.name}
      data-state={row.state}
      data-attempt={row.attempt}
      data-marked={marked || undefined}
      onFocus={onActive}
      onKeyDown={onKey}
      onClick={onOpen}
    >
      <div className="wf-name" role="rowheader" style={{ '--depth': depth } as CSSProperties}>
        {hasChildren ? (
          <button
            type="button"
            tabIndex={-1}
            className={`chevron ${open ? 'open' : ''}`}
            onClick={onChevron}
            aria-label={open ? 'Collapse' : 'Expand'}
          >
            <Icon name="chevron" size={12} />
          </button>
        ) : (
          <span className="chevron" />
        )}
        {row.look && row.kind !== 'span' && <StateDot look={row.look} size={14} />}
        <span className="wf-title clip" title={row.name}>
          {titleOf(row)}
        </span>
        {row.kind === 'attempts' && <span className="chip">{row.children.length} attempts</span>}
        {row.note && <span className="wf-note clip">{row.note}</span>}
        <span className="wf-duration num">
          {waitsOnly(row)
            ? 'queued'
            : row.bars.some((bar) => bar.open)
              ? formatTicking(durationOf(row))
              : formatDuration(durationOf(row))}
        </span>
      </div>
      <div className="wf-lane" role="gridcell">
        {row.kind === 'attempts' && <Gaps bars={row.bars} view={view} />}
        {row.bars.map((bar, index) => (
          <BarView key={index} bar={bar} view={view} />
        ))}
        {row.exitCode !== undefined && <ExitCode code={row.exitCode} end={row.end} view={view} />}
      </div>
    </div>
  );
}

function titleOf(row: Row): string {
  if (row.title) return row.title;
  return row.attempt !== undefined && row.attempt > 1 ? `${row.name} · attempt ${row.attempt}` : row.name;
}

const waitsOnly = (row: Row): boolean => row.bars.every((bar) => bar.waiting);

/** Time at work: of attempts only the attempts, not the wait between them. */
const durationOf = (row: Row): number => row.bars.reduce((sum, bar) => sum + bar.end - bar.start, 0) / 1000;

function step(from: EventTarget & Element, down: boolean): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.wf-row')];
  rows[rows.findIndex((candidate) => candidate === from) + (down ? 1 : -1)]?.focus();
}

function BarView({ bar, view }: { bar: Bar; view: View }) {
  const queue = bar.queuedFrom === undefined ? undefined : clip(view, bar.queuedFrom, bar.start);
  const work = bar.waiting ? undefined : clip(view, bar.start, bar.end);
  return (
    <>
      {queue && (
        <i
          className="wf-queue"
          style={{ left: percent(queue.left), width: percent(queue.width) }}
          title={`queued for ${formatDuration((bar.start - (bar.queuedFrom ?? bar.start)) / 1000)}`}
        />
      )}
      {work && (
        <i
          className={`wf-bar ${bar.look ? `tone-${bar.look.tone}` : 'plain'} ${bar.open ? 'open' : ''} ${work.cutLeft ? 'cut-left' : ''} ${work.cutRight ? 'cut-right' : ''}`}
          style={{ left: percent(work.left), width: percent(work.width) }}
          title={titleOfBar(bar)}
        />
      )}
    </>
  );
}

const titleOfBar = (bar: Bar): string =>
  `${bar.look ? `${bar.look.label}, ` : ''}${formatDuration((bar.end - bar.start) / 1000)}, began ${formatDuration(bar.start / 1000)} after the run was created`;

/** A thin thread from one attempt to the next. */
function Gaps({ bars, view }: { bars: Bar[]; view: View }) {
  return bars.slice(1).map((bar, index) => {
    const before = bars[index];
    const gap = before && clip(view, before.end, bar.queuedFrom ?? bar.start);
    return gap && <i key={index} className="wf-gap" style={{ left: percent(gap.left), width: percent(gap.width) }} />;
  });
}

function ExitCode({ code, end, view }: { code: number; end: number; view: View }) {
  const place = clip(view, end, end);
  if (!place) return null;
  const style =
    place.left > 0.9
      ? { right: `calc(${percent(1 - place.left)} + 6px)` }
      : { left: `calc(${percent(place.left)} + 6px)` };
  return (
    <span className="wf-exit num" style={style}>
      exit {code}
    </span>
  );
}
