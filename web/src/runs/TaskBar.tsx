import type { TaskCounts } from '../api/types';
import { Icon } from '../kit/Icon';

const mostCells = 16;

/** One cell per task, or one bar by share when there are too many to count; beside it what was tried again. */
export function TaskBar({ tasks }: { tasks: TaskCounts | undefined }) {
  if (!tasks || tasks.total === 0) return <span className="task-bar" />;
  const rest = Math.max(0, tasks.total - tasks.succeeded - tasks.failed - tasks.running);
  const parts = [
    ['ok', tasks.succeeded],
    ['bad', tasks.failed],
    ['going', tasks.running],
    ['off', rest],
  ] as const;
  const label = labelOf(tasks);
  return (
    <span className="task-bar" role="img" aria-label={label} title={label}>
      <span className="task-cells">
        {tasks.total <= mostCells
          ? parts.flatMap(([tone, count]) =>
              Array.from({ length: count }, (_, i) => <i key={tone + i} className={`tone-${tone}`} />),
            )
          : parts.map(
              ([tone, count]) => count > 0 && <i key={tone} className={`tone-${tone}`} style={{ flexGrow: count }} />,
            )}
      </span>
      <span className="num muted">
        {tasks.succeeded}/{tasks.total}
      </span>
      {tasks.retried !== undefined && (
        <span className="with-icon num muted task-retried">
          <Icon name="rerun" size={12} />
          {tasks.retried}
        </span>
      )}
    </span>
  );
}

function labelOf({ total, succeeded, failed, running, retried }: TaskCounts): string {
  const parts = [`${succeeded} of ${total} tasks succeeded`];
  if (failed) parts.push(`${failed} failed`);
  if (running) parts.push(`${running} running`);
  if (retried) parts.push(`${retried} tried more than once`);
  return parts.join(', ');
}
