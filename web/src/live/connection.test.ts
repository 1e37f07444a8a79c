import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LiveConnection, type LiveState, type Source } from './connection';
import { parseEvent } from './events';

class FakeSource implements Source {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 0;
  isClosed = false;
  private readonly listeners = new Map<string, (event: { data: string }) => void>();
  addEventListener(kind: string, listener: (event: { data: string }) => void): void {
    this.listeners.set(kind, listener);
  }
  say = (kind: string, data: string): void => this.listeners.get(kind)?.({ data });
  close(): void {
    this.isClosed = true;
  }
  refuse(): void {
    this.readyState = 2;
    this.onerror?.();
  }
}

function connect() {
  const sources: FakeSource[] = [];
  const states: LiveState[] = [];
  const events: string[] = [];
  let reconnects = 0;
  const connection = new LiveConnection(
    () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    {
      onState: (state) => states.push(state),
      onEvent: (event) => events.push(event.kind),
      onReconnect: () => reconnects++,
    },
  );
  connection.start();
  return { connection, sources, states, events, reconnects: () => reconnects };
}

describe('the live connection', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('hands on whole events and drops damaged ones', () => {
    const { sources, events } = connect();
    sources[0]?.say('run', '{"id":"a"}');
    sources[0]?.say('run', '{"id":');
    sources[0]?.say('alert', '7');
    expect(events).toEqual(['run']);
  });

  test('the first opening refetches nothing, every later one does', () => {
    const { sources, reconnects } = connect();
    sources[0]?.onopen?.();
    expect(reconnects()).toBe(0);
    sources[0]?.onerror?.();
    sources[0]?.onopen?.();
    expect(reconnects()).toBe(1);
  });

  test('what the server had to leave out is fetched', () => {
    const { sources, reconnects } = connect();
    sources[0]?.onopen?.();
    sources[0]?.say('resync', '{}');
    expect(reconnects()).toBe(1);
  });

  test('says polling while the stream is away', () => {
    const { sources, states } = connect();
    sources[0]?.onopen?.();
    sources[0]?.onerror?.();
    expect(states).toEqual(['live', 'polling']);
  });

  test('after a refusal it tries again with growing pauses', () => {
    const { sources } = connect();
    sources[0]?.refuse();
    vi.advanceTimersByTime(1_000);
    expect(sources).toHaveLength(2);
    sources[1]?.refuse();
    vi.advanceTimersByTime(1_000);
    expect(sources).toHaveLength(2);
    vi.advanceTimersByTime(1_000);
    expect(sources).toHaveLength(3);
  });

  test('stopped, it stays away', () => {
    const { connection, sources } = connect();
    sources[0]?.refuse();
    connection.stop();
    vi.advanceTimersByTime(60_000);
    expect(sources).toHaveLength(1);
    expect(sources[0]?.isClosed).toBe(true);
  });
});

test("events of unknown kinds are nobody's", () => expect(parseEvent('surprise', '{}')).toBeUndefined());
