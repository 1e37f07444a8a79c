import { useSyncExternalStore } from 'react';

/** One clock for the whole page: everything that ticks, ticks together, and nothing does in a hidden tab. */
function clock(everyMs: number) {
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const listeners = new Set<() => void>();
  const tick = (): void => {
    if (document.hidden) return;
    now = Date.now();
    for (const listener of listeners) listener();
  };
  return {
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      now = Date.now();
      timer ??= setInterval(tick, everyMs);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    now: (): number => now,
  };
}

const everySecond = clock(1_000);
const everyQuarter = clock(250);
const never = { subscribe: () => () => undefined, now: () => 0 };

/** Milliseconds since the epoch, renewed every second. */
export const useNow = (): number => useSyncExternalStore(everySecond.subscribe, everySecond.now);

/** The same four times a second while `on`; 0 otherwise, without waking anybody. */
export function useFastNow(on: boolean): number {
  const source = on ? everyQuarter : never;
  return useSyncExternalStore(source.subscribe, source.now);
}
