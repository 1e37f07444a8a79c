import { useEffect, useRef, useState, type MouseEvent, type PointerEvent, type RefObject } from 'react';

/** Where the pointer is across the lanes: 0 at their left edge, 1 at their right, outside beyond. */
export function across(lanes: RefObject<HTMLElement | null>, clientX: number): number {
  const box = lanes.current?.getBoundingClientRect();
  return box ? (clientX - box.left) / box.width : 0;
}

/** A drag across the lanes as two fractions of their width. A press without a drag stays a click on the row. */
export function useRangeDrag(lanes: RefObject<HTMLElement | null>, onRange: (a: number, b: number) => void) {
  const [selection, setSelection] = useState<[number, number]>();
  const from = useRef<number>(undefined);
  const dragged = useRef(false);
  const at = (event: PointerEvent): number => Math.min(1, Math.max(0, across(lanes, event.clientX)));
  const end = (): void => {
    from.current = undefined;
    setSelection(undefined);
  };
  return {
    selection,
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>): void => {
        dragged.current = false;
        const onLane = event.target instanceof Element && event.target.closest('.wf-lane');
        if (event.button === 0 && event.pointerType !== 'touch' && onLane) from.current = at(event);
      },
      onPointerMove: (event: PointerEvent<HTMLElement>): void => {
        const start = from.current;
        if (start === undefined) return;
        const here = at(event);
        if (!dragged.current && Math.abs(here - start) < 0.005) return;
        if (!dragged.current) event.currentTarget.setPointerCapture(event.pointerId);
        dragged.current = true;
        setSelection(here < start ? [here, start] : [start, here]);
      },
      onPointerUp: (event: PointerEvent<HTMLElement>): void => {
        if (from.current !== undefined && dragged.current) onRange(from.current, at(event));
        end();
      },
      onPointerCancel: end,
      onClickCapture: (event: MouseEvent): void => {
        if (dragged.current) event.stopPropagation();
        dragged.current = false;
      },
    },
  };
}

/** Ctrl and wheel (a pinch on a touch pad) zoom around the pointer; React's own wheel listener is passive. */
export function useWheelZoom(
  body: RefObject<HTMLElement | null>,
  lanes: RefObject<HTMLElement | null>,
  onZoom: (at: number, factor: number) => void,
): void {
  const handler = useRef(onZoom);
  useEffect(() => {
    handler.current = onZoom;
  });
  useEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      handler.current(
        across(lanes, event.clientX),
        Math.exp(Math.sign(event.deltaY) * Math.min(0.3, Math.abs(event.deltaY) / 200)),
      );
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [body, lanes]);
}
