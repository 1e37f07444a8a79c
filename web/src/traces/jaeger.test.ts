import { expect, test } from 'vitest';
import { traceAsRun, type JaegerTrace } from './jaeger';

const trace: JaegerTrace = {
  traceID: 'ab'.repeat(16),
  spans: [
    {
      spanID: '02',
      operationName: 'SELECT basket',
      references: [{ refType: 'CHILD_OF', traceID: 'ab'.repeat(16), spanID: '01' }],
      startTime: 1_772_366_400_250_000,
      duration: 100_000,
      tags: [
        { key: 'span.kind', value: 'client' },
        { key: 'error', value: true },
      ],
      logs: [{ timestamp: 1_772_366_400_300_000, fields: [{ key: 'event', value: 'retry' }] }],
      processID: 'p1',
    },
    { spanID: '01', operationName: 'GET /', startTime: 1_772_366_400_000_000, duration: 500_000, processID: 'p1' },
  ],
  processes: { p1: { serviceName: 'shop', tags: [{ key: 'zone', value: 'a' }] } },
};

test('a trace is named by its root and lasts from its first span to its last', () => {
  const run = traceAsRun(trace);
  expect([run.pipeline, run.durationSeconds, run.startedAt]).toEqual(['GET /', 0.5, '2026-03-01T12:00:00.000Z']);
});

test('spans keep their parent, place, service, error and events', () => {
  const [root, child] = traceAsRun(trace).spans;
  expect(root).toMatchObject({ spanId: '01', startOffsetMs: 0, service: 'shop', status: 'unset' });
  expect(child).toMatchObject({
    parentSpanId: '01',
    startOffsetMs: 250,
    durationMs: 100,
    status: 'error',
    kind: 'client',
  });
  expect(child?.attributes).toMatchObject({ zone: 'a' });
  expect(child?.events?.[0]?.name).toBe('retry');
});

test('a span whose parent lies in no batch is a root', () => {
  const orphan = { ...trace, spans: trace.spans.slice(0, 1) };
  expect(traceAsRun(orphan).pipeline).toBe('SELECT basket');
});
