import { setSearch } from '../shell/router';
import { sortedBy, type RunOrder, type SortBy } from './filter';

/** The names of the columns; those with a button order the list. */
export function RunsHead({ order }: { order: RunOrder }) {
  return (
    <div className="list-head">
      <span>Result</span>
      <span>Run</span>
      <span className="run-system">System</span>
      <span>Branch and commit</span>
      <span className="run-trigger">By</span>
      <span className="task-bar">Tasks</span>
      <Sort by="queue" order={order} label="Queued" className="run-queue" />
      <Sort by="duration" order={order} label="Duration" />
      <Sort by="began" order={order} label="Began" />
    </div>
  );
}

function Sort({
  by,
  order,
  label,
  className = '',
}: {
  by: SortBy;
  order: RunOrder;
  label: string;
  className?: string;
}) {
  const isOn = order.by === by;
  const says = isOn ? (order.rising ? 'rising' : 'falling') : 'not sorted';
  return (
    <span className={`right ${className}`}>
      <button
        type="button"
        className={`sort ${isOn ? 'on' : ''}`}
        data-testid={`sort-${by}`}
        data-state={isOn ? (order.rising ? 'asc' : 'desc') : 'none'}
        aria-label={`Sort by ${label.toLowerCase()}, ${says}`}
        onClick={() => setSearch(sortedBy(order, by))}
      >
        <span className="sort-sign" aria-hidden="true">
          {isOn && order.rising ? '↑' : '↓'}
        </span>
        {label}
      </button>
    </span>
  );
}
