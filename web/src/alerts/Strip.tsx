import type { Stretch } from './history';

/** How far back the strip looks: the window of the history query. */
export const windowMs = 3_600_000;

/** The last hour of one alert: amber while pending, red while firing. */
export function Strip({ stretches, now }: { stretches: Stretch[]; now: number }) {
  const x = (t: number): number => Math.min(100, Math.max(0, 100 - ((now - t) / windowMs) * 100));
  return (
    <svg
      className="strip"
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      role="img"
      aria-label="State over the last hour"
    >
      <rect className="strip-base" x="0" y="3" width="100" height="4" rx="1" />
      {stretches.map((stretch, i) => (
        <rect
          key={i}
          className={stretch.state}
          x={x(stretch.from)}
          y="1"
          height="8"
          rx="0.6"
          width={Math.max(0.9, x(stretch.until) - x(stretch.from))}
        />
      ))}
    </svg>
  );
}
