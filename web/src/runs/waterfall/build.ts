import type { RunDetail, Span, Step, Task } from '../../api/types';
import { lookOf, type Look } from '../../kit/state';
import { parseTime } from '../../time/format';
import { nameOf } from '../names';
import type { Bar, Row, Waterfall } from './rows';

/** Turns a run's tasks and spans into the rows of its waterfall. Pure: "now" is handed in. */

const shortestQueueMs = 20;

export function buildWaterfall(run: RunDetail, nowMs: number): Waterfall {
  const origin = originOf(run, nowMs);
  const builder = new Builder(run, nowMs, origin);
  const root = builder.root();
  const length = Math.max(1, furthest(root));
  return { root, origin, length, rowCount: countRows(root) };
}

function originOf(run: RunDetail, nowMs: number): number {
  const times = [
    run.createdAt,
    run.startedAt,
    ...run.tasks.flatMap((t) => [t.createdAt, t.startedAt]),
    ...run.spans.map((s) => s.startedAt),
  ];
  const known = times.map(parseTime).filter((t) => t !== undefined);
  return known.length ? Math.min(...known) : nowMs;
}

class Builder {
  private readonly childrenOf = new Map<string, Span[]>();
  private readonly tasksBySpan = new Map<string, Task>();
  private readonly stepsBySpan = new Map<string, Step>();
  private readonly spanZero: number;
  private readonly rootSpan: Span | undefined;

  constructor(
    private readonly run: RunDetail,
    private readonly now: number,
    private readonly origin: number,
  ) {
    const known = new Set(run.spans.map((span) => span.spanId));
    for (const task of run.tasks) {
      for (const step of task.steps ?? []) if (step.spanId) this.stepsBySpan.set(step.spanId, step);
      if (!task.spanId) continue;
      this.tasksBySpan.set(task.spanId, task);
      known.add(task.spanId); // a running task's span is not there yet, its children may be
    }
    const tops = run.spans.filter((span) => !span.parentSpanId || !known.has(span.parentSpanId));
    this.rootSpan =
      tops.find((span) => !span.parentSpanId && !this.tasksBySpan.has(span.spanId)) ??
      (run.tasks.length === 0 && tops.length === 1 ? tops[0] : undefined);
    // Offsets are finer than the millisecond times; one span tells what they count from.
    const first = run.spans[0];
    this.spanZero = first ? (parseTime(first.startedAt) ?? origin) - first.startOffsetMs - origin : 0;
    for (const span of run.spans) {
      if (span === this.rootSpan || isWait(span)) continue;
      const parent = span.parentSpanId && known.has(span.parentSpanId) ? span.parentSpanId : '';
      const key = parent === this.rootSpan?.spanId ? '' : parent;
      const siblings = this.childrenOf.get(key);
      if (siblings) siblings.push(span);
      else this.childrenOf.set(key, [span]);
    }
  }

  root(): Row {
    const { run } = this;
    const span = this.rootSpan;
    const placed = new Set(run.spans.map((s) => s.spanId));
    const unspanned = run.tasks
      .filter((task) => !task.spanId || !placed.has(task.spanId))
      .map((task) => this.taskRow(task, undefined));
    const children = groupAttempts([...this.spanRows(''), ...unspanned].sort(byStart));
    const bar = this.timedBar(run);
    if (span && run.state === 'finished') bar.end = Math.max(bar.end, this.spanStart(span) + span.durationMs);
    return row({
      id: 'run',
      kind: 'run',
      name: nameOf(run),
      state: run.state === 'finished' ? (run.result ?? 'finished') : run.state,
      look: lookOf(run),
      bars: [bar],
      children,
      ...(span && { span }),
    });
  }

  private spanRows(parent: string): Row[] {
    return (this.childrenOf.get(parent) ?? []).map((span) => {
      const task = this.tasksBySpan.get(span.spanId);
      return task ? this.taskRow(task, span) : this.spanRow(span);
    });
  }

  private taskRow(task: Task, span: Span | undefined): Row {
    const bar = this.timedBar(task);
    if (span && task.state === 'finished') {
      bar.start = this.spanStart(span);
      bar.end = bar.start + span.durationMs;
    }
    const spans = task.spanId ? this.spanRows(task.spanId) : [];
    const named = new Set(spans.flatMap((child) => [child.name, child.id]));
    const steps = (task.steps ?? [])
      .filter((step) => !named.has(step.spanId ?? step.name))
      .map((step, index) => this.stepRow(task, step, index));
    return row({
      id: span?.spanId ?? task.spanId ?? task.id,
      kind: 'task',
      name: task.name,
      state: task.state === 'finished' ? (task.result ?? 'finished') : task.state,
      look: lookOf(task),
      bars: [bar],
      children: groupAttempts([...spans, ...steps].sort(byStart)),
      task,
      ...(span && { span }),
      ...(task.attempt !== undefined && { attempt: task.attempt }),
      ...(task.exitCode ? { exitCode: task.exitCode } : {}),
    });
  }

  private stepRow(task: Task, step: Step, index: number): Row {
    const look = step.state || step.result ? lookOf(step) : undefined;
    return row({
      id: step.spanId ?? `${task.id}/${index}`,
      kind: 'step',
      name: step.name,
      state: step.result ?? step.state ?? '',
      look,
      bars: [{ ...this.timedBar({ ...step, state: step.state ?? 'finished' }), look }],
      children: [],
      step,
      ...(step.exitCode ? { exitCode: step.exitCode } : {}),
    });
  }

  private spanRow(span: Span): Row {
    const start = this.spanStart(span);
    const step = this.stepsBySpan.get(span.spanId);
    const look: Look | undefined = step
      ? lookOf(step)
      : span.status === 'error'
        ? { tone: 'bad', label: 'Error' }
        : undefined;
    const bar: Bar = { start, end: start + span.durationMs, look, open: false, waiting: false };
    const note = span.service && span.service !== this.rootSpan?.service ? span.service : undefined;
    return row({
      id: span.spanId,
      kind: step ? 'step' : 'span',
      name: span.name,
      state: step?.result ?? step?.state ?? span.status ?? 'unset',
      look,
      bars: [bar],
      children: groupAttempts(this.spanRows(span.spanId).sort(byStart)),
      span,
      ...(note && !step && { note }),
      ...(step && { step }),
      ...(step?.exitCode ? { exitCode: step.exitCode } : {}),
    });
  }

  private spanStart = (span: Span): number => this.spanZero + span.startOffsetMs;

  private timedBar(item: {
    state: Task['state'];
    result?: Task['result'];
    createdAt?: string;
    startedAt?: string;
    finishedAt?: string;
    durationSeconds?: number;
  }): Bar {
    const after = (time: string | undefined): number | undefined => {
      const at = parseTime(time);
      return at === undefined ? undefined : at - this.origin;
    };
    const nowAfter = Math.max(0, this.now - this.origin);
    const created = after(item.createdAt);
    const started = after(item.startedAt);
    const open = item.state !== 'finished';
    const start = started ?? (open ? nowAfter : (after(item.finishedAt) ?? created ?? 0));
    const end = open
      ? Math.max(start, nowAfter)
      : (after(item.finishedAt) ?? start + (item.durationSeconds ?? 0) * 1000);
    const queued = created !== undefined && start - created >= shortestQueueMs;
    return {
      start,
      end: Math.max(start, end),
      look: lookOf(item),
      open,
      waiting: open && started === undefined,
      ...(queued && { queuedFrom: created }),
    };
  }
}

/** Waits are drawn hatched in front of what waited, not as rows of their own. */
const isWait = (span: Span): boolean => span.attributes?.['flyball.queue.of'] !== undefined;

function row(parts: Omit<Row, 'start' | 'end'>): Row {
  const exitCode = parts.exitCode ?? Number(parts.span?.attributes?.['process.exit.code'] ?? 0);
  return {
    ...parts,
    ...(exitCode ? { exitCode } : {}),
    start: Math.min(...parts.bars.map((bar) => bar.queuedFrom ?? bar.start)),
    end: Math.max(...parts.bars.map((bar) => bar.end)),
  };
}

const byStart = (a: Row, b: Row): number => a.start - b.start || (a.attempt ?? 0) - (b.attempt ?? 0);

/** Tasks of one name among siblings are attempts of one thing: they become one row that shows them all in one lane. */
function groupAttempts(rows: Row[]): Row[] {
  const byName = new Map<string, Row[]>();
  for (const candidate of rows)
    if (candidate.kind === 'task' && candidate.attempt !== undefined)
      byName.set(candidate.name, [...(byName.get(candidate.name) ?? []), candidate]);
  const done = new Set<string>();
  return rows.flatMap((current) => {
    const attempts = current.kind === 'task' ? (byName.get(current.name) ?? []) : [];
    if (attempts.length < 2 || new Set(attempts.map((a) => a.attempt)).size < attempts.length) return [current];
    if (done.has(current.name)) return [];
    done.add(current.name);
    const ordered = attempts.toSorted((a, b) => (a.attempt ?? 0) - (b.attempt ?? 0));
    const last = ordered[ordered.length - 1] ?? current;
    const countsFrom = ordered[0]?.attempt === 0 ? 1 : 0; // some systems call the first attempt 0
    return [
      row({
        id: `attempts:${current.id}`,
        kind: 'attempts',
        name: current.name,
        state: last.state,
        look: last.look,
        bars: ordered.flatMap((a) => a.bars),
        children: ordered.map((a) => ({ ...a, title: `Attempt ${(a.attempt ?? 0) + countsFrom}` })),
      }),
    ];
  });
}

function furthest(top: Row): number {
  return top.children.reduce((most, child) => Math.max(most, furthest(child)), top.end);
}

function countRows(top: Row): number {
  return top.children.reduce((count, child) => count + countRows(child), 1);
}
