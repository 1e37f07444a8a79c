import type { RunDetail, Span, Step, Task } from '../../api/types';
import { lookOf, type Look } from '../../kit/state';
import { parseTime } from '../../time/format';

/** Turns a run's tasks and spans into the rows of its waterfall. Pure: "now" is handed in; times are ms after `origin`. */

export interface Bar {
  start: number;
  end: number;
  /** When the wait for a worker began; absent if there was none worth showing. */
  queuedFrom?: number;
  look: Look | undefined;
  /** Still going: its end is "now". */
  open: boolean;
  /** Nothing has run yet, the bar is only waiting. */
  waiting: boolean;
}

export type RowKind = 'run' | 'attempts' | 'task' | 'span' | 'step';

export interface Row {
  id: string;
  kind: RowKind;
  name: string;
  /** The raw word for tests and style: a run's or task's state or result, a span's status. */
  state: string;
  look: Look | undefined;
  bars: Bar[];
  start: number;
  end: number;
  attempt?: number;
  /** One of several attempts, under a row that names the task. */
  grouped?: boolean;
  exitCode?: number;
  note?: string;
  task?: Task;
  span?: Span;
  step?: Step;
  children: Row[];
}

export interface Waterfall {
  root: Row;
  /** Epoch ms of the left edge. */
  origin: number;
  /** Length of the whole picture in ms, at least 1. */
  length: number;
  rowCount: number;
}

export interface FlatRow {
  row: Row;
  depth: number;
  open: boolean;
  /** What is left out after this row: the later children of rows that have very many. Toggle the id from `allOf` for them. */
  more: { of: Row; count: number }[];
}

const shortestQueueMs = 20;

export function buildWaterfall(run: RunDetail, nowMs: number): Waterfall {
  const origin = originOf(run, nowMs);
  const builder = new Builder(run, nowMs, origin);
  const root = builder.root();
  const length = Math.max(1, furthest(root));
  return { root, origin, length, rowCount: countRows(root) };
}

function originOf(run: RunDetail, nowMs: number): number {
  const times = [run.createdAt, run.startedAt, ...run.tasks.flatMap((t) => [t.createdAt, t.startedAt]), ...run.spans.map((s) => s.startedAt)];
  const known = times.map(parseTime).filter((t) => t !== undefined);
  return known.length ? Math.min(...known) : nowMs;
}

class Builder {
  private readonly childrenOf = new Map<string, Span[]>();
  private readonly tasksBySpan = new Map<string, Task>();
  private readonly spanZero: number;
  private readonly rootSpan: Span | undefined;

  constructor(private readonly run: RunDetail, private readonly now: number, private readonly origin: number) {
    const known = new Set(run.spans.map((span) => span.spanId));
    for (const task of run.tasks) {
      if (!task.spanId) continue;
      this.tasksBySpan.set(task.spanId, task);
      known.add(task.spanId);   // a running task's span is not there yet, its children may be
    }
    const tops = run.spans.filter((span) => !span.parentSpanId || !known.has(span.parentSpanId));
    this.rootSpan = tops.find((span) => !span.parentSpanId && !this.tasksBySpan.has(span.spanId)) ?? (run.tasks.length === 0 && tops.length === 1 ? tops[0] : undefined);
    // Offsets are finer than the millisecond times; one span tells what they count from.
    const first = run.spans[0];
    this.spanZero = first ? (parseTime(first.startedAt) ?? origin) - first.startOffsetMs - origin : 0;
    for (const span of run.spans) {
      if (span === this.rootSpan) continue;
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
    const unspanned = run.tasks.filter((task) => !task.spanId || !placed.has(task.spanId)).map((task) => this.taskRow(task, undefined));
    const children = groupAttempts([...this.spanRows(''), ...unspanned].sort(byStart));
    const bar = this.timedBar(run);
    if (span && run.state === 'finished') bar.end = Math.max(bar.end, this.spanStart(span) + span.durationMs);
    return row({ id: 'run', kind: 'run', name: `${run.pipeline}${run.number ? ` #${run.number}` : ''}`, state: run.state === 'finished' ? (run.result ?? 'finished') : run.state, look: lookOf(run), bars: [bar], children, ...(span && { span }) });
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
    const named = new Set(spans.map((child) => child.name));
    const steps = (task.steps ?? []).filter((step) => !named.has(step.name)).map((step, index) => this.stepRow(task, step, index));
    return row({
      id: span?.spanId ?? task.spanId ?? task.id, kind: 'task', name: task.name, state: task.state === 'finished' ? (task.result ?? 'finished') : task.state,
      look: lookOf(task), bars: [bar], children: groupAttempts([...spans, ...steps].sort(byStart)), task, ...(span && { span }),
      ...(task.attempt !== undefined && { attempt: task.attempt }), ...(task.exitCode ? { exitCode: task.exitCode } : {}),
    });
  }

  private stepRow(task: Task, step: Step, index: number): Row {
    const look = step.state || step.result ? lookOf(step) : undefined;
    return row({ id: `${task.id}/${index}`, kind: 'step', name: step.name, state: step.result ?? step.state ?? '', look, bars: [{ ...this.timedBar({ ...step, state: step.state ?? 'finished' }), look }], children: [], step, ...(step.exitCode ? { exitCode: step.exitCode } : {}) });
  }

  private spanRow(span: Span): Row {
    const start = this.spanStart(span);
    const look: Look | undefined = span.status === 'error' ? { tone: 'bad', label: 'Error' } : undefined;
    const bar: Bar = { start, end: start + span.durationMs, look, open: false, waiting: false };
    const note = span.service && span.service !== this.rootSpan?.service ? span.service : undefined;
    return row({ id: span.spanId, kind: 'span', name: span.name, state: span.status ?? 'unset', look, bars: [bar], children: groupAttempts(this.spanRows(span.spanId).sort(byStart)), span, ...(note && { note }) });
  }

  private spanStart = (span: Span): number => this.spanZero + span.startOffsetMs;

  private timedBar(item: { state: Task['state']; result?: Task['result']; createdAt?: string; startedAt?: string; finishedAt?: string; durationSeconds?: number }): Bar {
    const after = (time: string | undefined): number | undefined => {
      const at = parseTime(time);
      return at === undefined ? undefined : at - this.origin;
    };
    const nowAfter = Math.max(0, this.now - this.origin);
    const created = after(item.createdAt);
    const started = after(item.startedAt);
    const open = item.state !== 'finished';
    const start = started ?? (open ? nowAfter : (after(item.finishedAt) ?? created ?? 0));
    const end = open ? Math.max(start, nowAfter) : (after(item.finishedAt) ?? start + (item.durationSeconds ?? 0) * 1000);
    const queued = created !== undefined && start - created >= shortestQueueMs;
    return { start, end: Math.max(start, end), look: lookOf(item), open, waiting: open && started === undefined, ...(queued && { queuedFrom: created }) };
  }
}

function row(parts: Omit<Row, 'start' | 'end'>): Row {
  return { ...parts, start: Math.min(...parts.bars.map((bar) => bar.queuedFrom ?? bar.start)), end: Math.max(...parts.bars.map((bar) => bar.end)) };
}

const byStart = (a: Row, b: Row): number => a.start - b.start || (a.attempt ?? 0) - (b.attempt ?? 0);

/** Tasks of one name among siblings are attempts of one thing: they become one row that shows them all in one lane. */
function groupAttempts(rows: Row[]): Row[] {
  const byName = new Map<string, Row[]>();
  for (const candidate of rows) if (candidate.kind === 'task' && candidate.attempt !== undefined) byName.set(candidate.name, [...(byName.get(candidate.name) ?? []), candidate]);
  const done = new Set<string>();
  return rows.flatMap((current) => {
    const attempts = current.kind === 'task' ? (byName.get(current.name) ?? []) : [];
    if (attempts.length < 2 || new Set(attempts.map((a) => a.attempt)).size < attempts.length) return [current];
    if (done.has(current.name)) return [];
    done.add(current.name);
    const ordered = attempts.toSorted((a, b) => (a.attempt ?? 0) - (b.attempt ?? 0));
    const last = ordered[ordered.length - 1] ?? current;
    return [row({ id: `attempts:${current.id}`, kind: 'attempts', name: current.name, state: last.state, look: last.look, bars: ordered.flatMap((a) => a.bars), children: ordered.map((a) => ({ ...a, grouped: true })) })];
  });
}

function furthest(top: Row): number {
  return top.children.reduce((most, child) => Math.max(most, furthest(child)), top.end);
}

function countRows(top: Row): number {
  return top.children.reduce((count, child) => count + countRows(child), 1);
}

/** Above this many rows tasks start closed, so that a big trace is a picture and not a scroll bar. */
const mostRowsOpen = 80;
/** A browser draws this many rows without a pause; a loop with thousands of spans says how many more there are. */
const mostChildren = 300;
/** Up to this many rows everything starts open. */
const fewRows = 14;

/** Whether a row shows its children before anybody touched it. */
export function opensByDefault(candidate: Row, rowCount: number): boolean {
  if (candidate.kind === 'run' || candidate.kind === 'attempts') return true;
  if (candidate.kind === 'task') return rowCount <= mostRowsOpen;
  return rowCount <= fewRows || hides(candidate, 'bad');
}

/** Whether a row below has this tone: what a closed row must not hide. */
function hides(candidate: Row, tone: string): boolean {
  return candidate.children.some((child) => child.look?.tone === tone || hides(child, tone));
}

/** The id that, toggled, shows all children of a row. */
export const allOf = (row: Row): string => `all:${row.id}`;

/** The visible rows from top to bottom. `toggled` holds the ids of rows a person turned against their default. */
export function flatten(waterfall: Waterfall, toggled: ReadonlySet<string>): FlatRow[] {
  const flat: FlatRow[] = [];
  const visit = (current: Row, depth: number): void => {
    const open = current.children.length > 0 && opensByDefault(current, waterfall.rowCount) !== toggled.has(current.id);
    const shown = open ? (toggled.has(allOf(current)) ? current.children : current.children.slice(0, mostChildren)) : [];
    flat.push({ row: current, depth, open, more: [] });
    for (const child of shown) visit(child, depth + 1);
    if (open && shown.length < current.children.length) flat.at(-1)?.more.push({ of: current, count: current.children.length - shown.length });
  };
  visit(waterfall.root, 0);
  return flat;
}

/** What to toggle at the start so that a row someone linked to is in sight. */
export function revealing(waterfall: Waterfall, id: string): Set<string> {
  const toggles = new Set<string>();
  const find = (current: Row): boolean => {
    if (current.id === id) return true;
    const at = current.children.findIndex(find);
    if (at < 0) return false;
    if (!opensByDefault(current, waterfall.rowCount)) toggles.add(current.id);
    if (at >= mostChildren) toggles.add(allOf(current));
    return true;
  };
  find(waterfall.root);
  return toggles;
}

/** The row people come for in a run that failed: the last failed task that nothing made good. */
export function firstProblem(waterfall: Waterfall): string | undefined {
  const failed = waterfall.root.children.find((child) => child.look?.tone === 'bad' || child.look?.tone === 'fault');
  return failed?.kind === 'attempts' ? failed.children.at(-1)?.id : failed?.id;
}
