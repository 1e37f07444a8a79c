import type { PlanPart } from '../api/types';

/** The plan of a query as rows of a tree, and where in the query's text they are. Pure. */

export interface PlanRow {
  /** Place in the tree: 0, 0.0, 0.1 … */
  id: string;
  depth: number;
  part: PlanPart;
  /** Shares of the whole query's time: with the parts below, alone, and of that in the store. */
  inclusive: number;
  own: number;
  source: number;
  isCostliest: boolean;
}

/** Rows from top to bottom, without those below a closed one. */
export function planRows(plan: PlanPart, closed: ReadonlySet<string>): PlanRow[] {
  const whole = Math.max(plan.inclusiveSeconds, Number.MIN_VALUE);
  const most = costliest(plan);
  const rows: PlanRow[] = [];
  const visit = (part: PlanPart, id: string, depth: number): void => {
    rows.push({
      id,
      depth,
      part,
      inclusive: Math.min(1, part.inclusiveSeconds / whole),
      own: Math.min(1, part.exclusiveSeconds / whole),
      source: Math.min(1, Math.min(part.sourceSeconds, part.exclusiveSeconds) / whole),
      isCostliest: part === most && plan.children.length > 0 && part.exclusiveSeconds > 0,
    });
    if (!closed.has(id)) part.children.forEach((child, index) => visit(child, `${id}.${index}`, depth + 1));
  };
  visit(plan, '0', 0);
  return rows;
}

function costliest(part: PlanPart): PlanPart {
  return part.children
    .map(costliest)
    .reduce((most, child) => (child.exclusiveSeconds > most.exclusiveSeconds ? child : most), part);
}

export interface TextRange {
  from: number;
  to: number;
}

/**
 * Where a part's text stands in the query. The server writes expressions in its own layout and shortens long ones, so
 * blanks are not compared, and of a shortened one its beginning. Undefined if it is not to be found.
 */
export function placeOf(expression: string, query: string): TextRange | undefined {
  const [wanted = '', isCut] = expression.endsWith('…') ? [expression.slice(0, -1), true] : [expression, false];
  const letters: number[] = [];
  let dense = '';
  for (let i = 0; i < query.length; i++) {
    if (/\s/.test(query[i] ?? '')) continue;
    dense += query[i];
    letters.push(i);
  }
  const needle = wanted.replace(/\s+/g, '');
  const at = needle === '' ? -1 : dense.indexOf(needle);
  const first = letters[at];
  const last = letters[isCut ? letters.length - 1 : at + needle.length - 1];
  return first === undefined || last === undefined ? undefined : { from: first, to: last + 1 };
}

/** What the server remarks about a query, with the place it means if it says one: "… (1:6)". */
export interface Note {
  severity: 'warning' | 'info';
  message: string;
  line?: number;
  column?: number;
}

export function parseNote(severity: Note['severity'], text: string): Note {
  const match = /^(?:PromQL (?:warning|info): )?(.*?)(?: \((\d+):(\d+)\))?$/s.exec(text);
  const message = match?.[1] ?? text;
  return match?.[2] && match[3]
    ? { severity, message, line: Number(match[2]), column: Number(match[3]) }
    : { severity, message };
}

/** The suggestions of a plan, where their selectors stand. */
export function suggestionsOf(plan: PlanPart, query: string): (Note & { at?: TextRange })[] {
  const below = plan.children.flatMap((child) => suggestionsOf(child, query));
  if (!plan.suggestion) return below;
  const at = placeOf(plan.expression, query);
  return [{ severity: 'warning', message: plan.suggestion, ...(at && { at }) }, ...below];
}
