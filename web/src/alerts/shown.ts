import type { Alert, Execution, Labels } from '../api/types';
import { labelKey } from '../live/reducer';
import { parseTime } from '../time/format';
import { actionsOf, pastAlerts, type stretchesOf, type Stretch } from './history';
import { alertId } from './identity';

/** One line of the list: an alert that is, or one that was. */
export interface ShownAlert {
  id: string;
  labels: Labels;
  annotations: Labels;
  state: string;
  since: number;
  until: number | undefined;
  value: string | undefined;
  stretches: Stretch[];
  actions: Execution[];
}

const stateOrder = ['firing', 'pending', 'resolved'];

/** Active alerts, firing first, then those that have resolved, each with its history and what was done about it. */
export function merge(active: Alert[], history: ReturnType<typeof stretchesOf>, actions: Execution[]): ShownAlert[] {
  const common = (labels: Labels) => ({
    id: alertId(labels),
    labels,
    stretches: history.get(labelKey(labels))?.stretches ?? [],
    actions: actionsOf(labels, actions),
  });
  const present = active.map((alert) => ({
    ...common(alert.labels),
    annotations: alert.annotations ?? {},
    state: alert.state,
    since: parseTime(alert.activeAt) ?? 0,
    until: undefined,
    value: alert.value,
  }));
  const past = pastAlerts(history, active, actions).map((alert) => ({
    ...common(alert.labels),
    annotations: {},
    state: 'resolved',
    since: alert.from,
    until: alert.until,
    value: undefined,
  }));
  return [
    ...present.toSorted((a, b) => stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) || b.since - a.since),
    ...past,
  ];
}
