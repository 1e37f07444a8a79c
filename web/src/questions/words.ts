import type { AnswerRow, ColumnKind, QuestionParameter } from '../api/questions';

/** How questions, their parameters and their answers read. Pure. */

const titles: Record<string, string> = {
  longest: 'Longest runs',
  'slower-than-usual': 'Slower than usual',
  bottleneck: 'Bottleneck tasks',
  'critical-path': 'Critical path of a run',
  'error-rate': 'Error rate of tasks',
  branches: 'This branch against that',
  'queue-time': 'Queue time',
  'last-good-first-bad': 'Last good, first bad',
  'flaky-tasks': 'Flaky tasks',
  stuck: 'Stuck runs',
};

export const titleOf = (question: string): string => titles[question] ?? humanize(question);

/** pathSeconds → Path, thatFailed → That failed, longer-than → Longer than. The unit stands with the value. */
export function humanize(name: string): string {
  const words = name
    .replace(/Seconds$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const columnTitles: Record<string, string> = {
  at: 'Began',
  p95Seconds: '95 % within',
  atLeast: 'At least',
  thisSeconds: 'This takes',
  thatSeconds: 'That takes',
  times: 'This / that',
  pathSeconds: 'On the path',
  gapSeconds: 'Gaps',
};

export const columnTitle = (name: string): string => columnTitles[name] ?? humanize(name);

/** The filters of the list of runs that every question takes, and the frame of time. */
export const commonParameters: (QuestionParameter & { isFilter: true })[] = (
  [
    ['system', 'only runs of this CI system'],
    ['repository', 'only runs of this repository'],
    ['pipeline', 'only runs of this pipeline'],
    ['branch', 'only runs of this branch'],
  ] as const
).map(([name, about]) => ({ name, about, kind: 'word', default: '', isFilter: true }));

export const frameParameters: QuestionParameter[] = [
  {
    name: 'since',
    kind: 'word',
    default: '',
    about: 'when a run began at the earliest: 36h back from now, or RFC 3339',
  },
  { name: 'until', kind: 'word', default: 'now', about: 'when a run began at the latest' },
  { name: 'limit', kind: 'count', default: '50', about: 'rows at most' },
];

/** The question as a command line. */
export function commandOf(question: string, parameters: Record<string, string>): string {
  const quote = (value: string): string =>
    /^[\w:.,/@+-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
  const options = Object.entries(parameters).map(([name, value]) => ` --${name} ${quote(value)}`);
  return `flyball query runs ${question}${options.join('')}`;
}

/** The column whose size a bar shows: the first that measures something, and not a gap between what is measured. */
export function barColumn(columns: { name: string; kind: ColumnKind }[]): string | undefined {
  return columns.find(
    ({ name, kind }) => name !== 'gapSeconds' && (kind === 'seconds' || kind === 'share' || kind === 'number'),
  )?.name;
}

/** The greatest value of a column, to which its bars are drawn; of shares the whole. */
export function fullBar(rows: AnswerRow[], name: string, kind: ColumnKind): number {
  if (kind === 'share') return 1;
  return Math.max(Number.MIN_VALUE, ...rows.map((row) => (typeof row[name] === 'number' ? row[name] : 0)));
}
