import { liveKinds, parseEvent, type LiveEvent } from './events';

export type LiveState = 'connecting' | 'live' | 'polling';

/** What the connection needs of EventSource; tests hand in their own. */
export interface Source {
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  readonly readyState: number;
  addEventListener(kind: string, listener: (event: { data: string }) => void): void;
  close(): void;
}

export interface ConnectionHandlers {
  onEvent(event: LiveEvent): void;
  onState(state: LiveState): void;
  /** The stream is back after a gap, or the server says it left something out: whatever happened in between is not in it. */
  onReconnect(): void;
}

const closed = 2;
const mostBackoffMs = 15_000;

/** Keeps one event stream open: reconnects with growing pauses, says `polling` while there is none. */
export class LiveConnection {
  private source: Source | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private opened = false;

  constructor(
    private readonly open: () => Source,
    private readonly handlers: ConnectionHandlers,
  ) {}

  start(): void {
    const source = this.open();
    this.source = source;
    source.onopen = () => {
      this.failures = 0;
      this.handlers.onState('live');
      if (this.opened) this.handlers.onReconnect();
      this.opened = true;
    };
    source.onerror = () => this.failed(source);
    // The server dropped events because we were slow: as good as a gap.
    source.addEventListener('resync', () => this.handlers.onReconnect());
    for (const kind of liveKinds) {
      source.addEventListener(kind, ({ data }) => {
        const event = parseEvent(kind, data);
        if (event) this.handlers.onEvent(event);
      });
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  private failed(source: Source): void {
    this.handlers.onState('polling');
    // While the browser itself retries it stays CONNECTING; after a refusal (404, 503) it gives up and we retry in its place.
    if (source.readyState !== closed || source !== this.source) return;
    source.close();
    const pause = Math.min(1_000 * 2 ** Math.min(this.failures++, 10), mostBackoffMs);
    this.timer = setTimeout(() => this.start(), pause);
  }
}
