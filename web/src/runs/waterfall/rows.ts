import type { Span, Step, Task } from '../../api/types';
import type { Look } from '../../kit/state';

/** The waterfall as data. Times are ms after `origin`. */

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
  /** What to call it where its name is said already. */
  title?: string;
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
