import { useEffect, useRef, type RefObject } from 'react';
import { formatDuration } from '../../time/format';
import { across } from './pointer';
import { percent, timeAt, type View } from './scale';

/** A hair line under the pointer with its time. Moves without rendering. */
export function Crosshair({
  view,
  lanes,
  body,
}: {
  view: View;
  lanes: RefObject<HTMLElement | null>;
  body: RefObject<HTMLElement | null>;
}) {
  const line = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = body.current;
    const hair = line.current;
    if (!element || !hair) return undefined;
    const move = (event: globalThis.PointerEvent): void => {
      const f = across(lanes, event.clientX);
      hair.hidden = f < 0 || f > 1 || !(event.target instanceof Element && event.target.closest('.wf-lane'));
      hair.style.left = percent(f);
      hair.dataset['time'] = formatDuration(timeAt(view, f) / 1000);
      hair.classList.toggle('leftward', f > 0.85);
    };
    const leave = (): void => {
      hair.hidden = true;
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerleave', leave);
    return () => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerleave', leave);
    };
  }, [view, lanes, body]);
  return <i className="wf-cross" ref={line} hidden />;
}
