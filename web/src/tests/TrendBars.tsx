import type { TestMoment } from '../api/tests';
import { Link } from '../shell/router';
import { formatDuration, formatMoment } from '../time/format';
import { lookOfTest } from './flakiness';

/** The latest executions, oldest at the left: height is duration, colour is result. With `links` each leads to its run. */
export function TrendBars({ moments, links, label }: { moments: TestMoment[]; links?: boolean; label: string }) {
  const longest = Math.max(Number.MIN_VALUE, ...moments.map((moment) => moment.durationSeconds));
  return (
    <span className={`trend ${links ? 'tall' : ''}`} role={links ? 'group' : 'img'} aria-label={label}>
      {moments.toReversed().map((moment, i) => {
        const look = lookOfTest(moment.result);
        const height = `${Math.max(12, (moment.durationSeconds / longest) * 100)}%`;
        const title = `${look.label}, ${formatDuration(moment.durationSeconds)}, ${formatMoment(moment.at)}`;
        const bar = <i className={`tone-${look.tone}`} style={{ height }} />;
        return links && moment.run ? (
          <Link key={i} to={`/runs/${moment.run}`} tabIndex={-1} title={title} aria-label={title}>
            {bar}
          </Link>
        ) : (
          <span key={i} title={links ? title : undefined}>
            {bar}
          </span>
        );
      })}
    </span>
  );
}
