import type { RunDetail } from '../../api/types';
import { Icon } from '../../kit/Icon';
import { formatDuration, formatOffset, parseTime } from '../../time/format';
import { cluster, fraction, percent, type Marker, type Ticks, type View } from './scale';

interface Props {
  view: View;
  ticks: Ticks;
  markers: Marker[];
  /** Of the lanes, in px. */
  width: number;
}

/** The head of the lanes: flags where something was noticed or done, and the time. */
export function Axis({ view, ticks, markers, width }: Props) {
  return (
    <div className="wf-axis">
      <div className="wf-axis-name">
        <span>Task</span>
        <span>Duration</span>
      </div>
      <div className="wf-axis-lane">
        {markers.length > 0 && (
          <div className="wf-flags">
            {cluster(markers, view, Math.min(0.3, flagWidth / Math.max(1, width))).map((group) => (
              <Flag key={group.at} at={fraction(view, group.at)} markers={group.markers} />
            ))}
          </div>
        )}
        <div className="wf-ticks">
          {ticks.at.map((t) => (
            <span
              key={t}
              className={`num ${fraction(view, t) > 0.96 ? 'last' : ''}`}
              style={{ left: percent(fraction(view, t)) }}
            >
              {formatOffset(t, ticks.step)}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Room for two words: flags closer than this would cover each other. */
const flagWidth = 190;

function Flag({ at, markers }: { at: number; markers: Marker[] }) {
  return (
    <span
      className={`wf-flag ${at > 0.72 ? 'leftward' : ''}`}
      style={{ left: percent(at) }}
      title={markers.map((m) => `${m.text} at ${formatDuration(m.at / 1000)}`).join('\n')}
    >
      {distinct(markers).map((m, i) => (
        <span key={i} className={`wf-flag-item ${m.kind}`}>
          <Icon name={m.kind === 'alert' ? 'alert' : 'action'} size={12} />
          {m.text}
        </span>
      ))}
    </span>
  );
}

function distinct(markers: Marker[]): Marker[] {
  return markers.filter((m, i) => markers.findIndex((other) => other.kind === m.kind && other.text === m.text) === i);
}

/** When this run made an alert fire, and when something was done about it. */
export function markersOf(run: RunDetail, origin: number): Marker[] {
  const marks: Marker[] = [];
  for (const alert of run.alerts ?? []) {
    const at = parseTime(alert.activeAt);
    if (at !== undefined) marks.push({ at: at - origin, kind: 'alert', text: alert.labels['alertname'] ?? 'alert' });
  }
  for (const action of run.actions ?? []) {
    const at = parseTime(action.startedAt ?? action.decidedAt);
    if (at !== undefined) marks.push({ at: at - origin, kind: 'action', text: action.action });
  }
  return marks.filter((mark) => mark.at >= 0);
}
