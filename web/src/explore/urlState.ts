import { formatPromDuration, parseDuration } from '../time/format';
import { patchSearch } from '../shell/router';

/** What Explore shows, as it stands in the address bar: every executed query is a place one can return to and send on. */
export interface ExploreState {
  queries: string[];
  rangeSeconds: number;
  /** Unix seconds; undefined follows the present. */
  end: number | undefined;
  /** Seconds; undefined chooses one that fits the range. */
  step: number | undefined;
  tab: 'graph' | 'table';
  refreshSeconds: number;
  /** Whether the plan of each query is shown. */
  explain: boolean;
  /** Whether exemplars are drawn into the graph. */
  exemplars: boolean;
}

export const defaultRange = 3_600;

export function parseExplore(search: URLSearchParams): ExploreState {
  const queries = search.getAll('q');
  const end = Number(search.get('end') ?? Number.NaN);
  const step = parseDuration(search.get('step') ?? '');
  const range = parseDuration(search.get('range') ?? '');
  const refresh = parseDuration(search.get('refresh') ?? '');
  return {
    queries: queries.length ? queries : [''],
    rangeSeconds: range && range > 0 ? range : defaultRange,
    end: Number.isFinite(end) && end > 0 ? end : undefined,
    step: step && step > 0 ? step : undefined,
    tab: search.get('tab') === 'table' ? 'table' : 'graph',
    refreshSeconds: refresh ?? 0,
    explain: search.get('explain') === '1',
    exemplars: search.get('exemplars') === '1',
  };
}

export function formatExplore(state: ExploreState): URLSearchParams {
  return patchSearch(new URLSearchParams(), {
    q: state.queries.filter((query) => query.trim() !== ''),
    range: state.rangeSeconds === defaultRange ? undefined : formatPromDuration(state.rangeSeconds),
    end: state.end === undefined ? undefined : String(Number(state.end.toFixed(3))),
    step: state.step === undefined ? undefined : formatPromDuration(state.step),
    tab: state.tab === 'table' ? 'table' : undefined,
    refresh: state.refreshSeconds > 0 ? formatPromDuration(state.refreshSeconds) : undefined,
    explain: state.explain ? '1' : undefined,
    exemplars: state.exemplars ? '1' : undefined,
  });
}

const niceSteps = [
  0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400,
];
const pointsWanted = 240;

/** A round step that gives about as many points as a screen can show. */
export function autoStep(rangeSeconds: number): number {
  const rough = rangeSeconds / pointsWanted;
  return niceSteps.find((step) => step >= rough) ?? Math.ceil(rough / 86_400) * 86_400;
}

export interface ErrorPosition {
  line: number;
  column: number;
  message: string;
}

/** Where the server says a query is wrong: "… 1:5: parse error: …". Columns count from one. */
export function errorPosition(message: string): ErrorPosition | undefined {
  const match = /(?:^|[\s"])(\d+):(\d+): (.*)$/s.exec(message);
  return match?.[1] && match[2] && match[3]
    ? { line: Number(match[1]), column: Number(match[2]), message: match[3] }
    : undefined;
}
