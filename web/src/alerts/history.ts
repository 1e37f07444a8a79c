import type { Alert, Execution, Labels, Series } from '../api/types';
import { labelKey } from '../live/reducer';
import { parseTime } from '../time/format';

/** When alerts were pending and firing, from the samples of ALERTS. Pure; times in ms since the epoch. */

export interface Stretch {
  from: number;
  until: number;
  state: 'pending' | 'firing';
}

export interface PastAlert {
  labels: Labels;
  /** When it began to fire. */
  from: number;
  /** When it was last seen firing; undefined if only an action remembers it. */
  until: number | undefined;
}

/** Samples further apart than this are two stretches: an alert that came back, not a slow evaluation. */
const longestGapMs = 75_000;

/** The stretches of each alert by its label key, in order of time. */
export function stretchesOf(history: Series[]): Map<string, { labels: Labels; stretches: Stretch[] }> {
  const byAlert = new Map<string, { labels: Labels; stretches: Stretch[] }>();
  for (const { metric, values = [] } of history) {
    const { __name__: _name, alertstate, ...labels } = metric;
    const state = alertstate === 'firing' ? 'firing' : 'pending';
    const key = labelKey(labels);
    const entry = byAlert.get(key) ?? { labels, stretches: [] };
    byAlert.set(key, entry);
    for (const [seconds] of values) {
      const at = seconds * 1000;
      const last = entry.stretches.findLast((stretch) => stretch.state === state);
      if (last && at - last.until <= longestGapMs) last.until = at;
      else entry.stretches.push({ from: at, until: at, state });
    }
  }
  for (const entry of byAlert.values()) entry.stretches.sort((a, b) => a.from - b.from);
  return byAlert;
}

/** Alerts that fired and no longer do, latest first: those of the samples, then those only an action remembers. */
export function pastAlerts(
  history: ReturnType<typeof stretchesOf>,
  active: Alert[],
  actions: Execution[],
): PastAlert[] {
  const seen = new Set(active.map((alert) => labelKey(alert.labels)));
  const past: PastAlert[] = [];
  for (const [key, { labels, stretches }] of history) {
    const last = stretches.findLast((stretch) => stretch.state === 'firing');
    if (!last || seen.has(key)) continue;
    seen.add(key);
    past.push({ labels, from: last.from, until: last.until });
  }
  for (const { alert, causedAt, decidedAt } of actions) {
    const key = alert && labelKey(alert.labels);
    if (!key || seen.has(key)) continue;
    seen.add(key);
    past.push({ labels: alert.labels, from: parseTime(causedAt ?? decidedAt) ?? 0, until: undefined });
  }
  return past.sort((a, b) => (b.until ?? b.from) - (a.until ?? a.from));
}

/** The executions an alert led to: same labels. */
export const actionsOf = (labels: Labels, actions: Execution[]): Execution[] => {
  const key = labelKey(labels);
  return actions.filter((action) => action.alert && labelKey(action.alert.labels) === key);
};
