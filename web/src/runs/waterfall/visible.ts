import type { Row, Waterfall } from './rows';

/** Which rows of a waterfall are in sight: what starts open, what a person turned, what a link points at. Pure. */

export interface FlatRow {
  row: Row;
  depth: number;
  open: boolean;
  /** What is left out after this row: the later children of rows that have very many. Toggle the id from `allOf` for them. */
  more: { of: Row; count: number }[];
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
    const shown = open
      ? toggled.has(allOf(current))
        ? current.children
        : current.children.slice(0, mostChildren)
      : [];
    flat.push({ row: current, depth, open, more: [] });
    for (const child of shown) visit(child, depth + 1);
    if (open && shown.length < current.children.length)
      flat.at(-1)?.more.push({ of: current, count: current.children.length - shown.length });
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

/** The row people come for in a run that failed: the last failed task that nothing made good, or the run if it has none. */
export function firstProblem(waterfall: Waterfall): string | undefined {
  const failed = waterfall.root.children.find((child) => child.look?.tone === 'bad' || child.look?.tone === 'fault');
  if (failed) return failed.kind === 'attempts' ? failed.children.at(-1)?.id : failed.id;
  return waterfall.root.children.length === 0 ? waterfall.root.id : undefined;
}
