import { useState } from 'react';
import { Link } from '../shell/router';
import { formatMoment } from '../time/format';
import type { Dot } from './exemplars';
import { formatValue } from './series';

/** Where a dot stands over the graph, in CSS pixels from its left upper corner. */
export interface PlacedDot {
  dot: Dot;
  x: number;
  y: number;
  /** Its value is above or below what the graph shows; it stands at the edge. */
  isOutside: boolean;
}

/** Exemplars over a graph: links to their traces, with what they say beside the one that is looked at. */
export function Dots({ placed, width }: { placed: PlacedDot[]; width: number }) {
  const [looked, setLooked] = useState(-1);
  const shown = placed[looked];
  return (
    <div className="dots" role="group" aria-label="Exemplars">
      {placed.map(({ dot, x, y, isOutside }, i) => {
        const common = {
          className: `exemplar ${isOutside ? 'outside' : ''}`,
          style: { left: x, top: y },
          'data-testid': 'exemplar',
          'aria-label': `${formatValue(dot.value)} at ${formatMoment(dot.time * 1000)}${dot.traceId ? ', to its trace' : ''}`,
          onPointerEnter: () => setLooked(i),
          onPointerLeave: () => setLooked(-1),
          onFocus: () => setLooked(i),
          onBlur: () => setLooked(-1),
        };
        return dot.traceId ? (
          <Link key={i} to={`/traces/${dot.traceId}`} {...common} />
        ) : (
          <span key={i} tabIndex={0} role="img" {...common} />
        );
      })}
      {shown && (
        <dl
          className="dot-card pairs"
          style={
            shown.x > width / 2 ? { right: width - shown.x + 12, top: shown.y } : { left: shown.x + 12, top: shown.y }
          }
        >
          <dt>value</dt>
          <dd>
            {formatValue(shown.dot.value)}
            {shown.isOutside && ' (outside the graph)'}
          </dd>
          <dt>at</dt>
          <dd>{formatMoment(shown.dot.time * 1000, true)}</dd>
          {Object.entries({ ...shown.dot.series, ...shown.dot.labels }).map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
