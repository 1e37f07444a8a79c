import type { Attributes, RunDetail, Span } from '../api/types';

/** A trace as Jaeger's API tells it (docs/traces.md), read as a run without tasks so that the waterfall can draw it. Pure. */

interface KeyValue {
  key: string;
  value: unknown;
}

export interface JaegerTrace {
  traceID: string;
  spans: {
    spanID: string;
    operationName: string;
    references?: { refType: string; traceID: string; spanID: string }[];
    /** Microseconds since the epoch. */
    startTime: number;
    duration: number;
    tags?: KeyValue[];
    logs?: { timestamp: number; fields?: KeyValue[] }[];
    processID: string;
  }[];
  processes: Record<string, { serviceName: string; tags?: KeyValue[] }>;
}

export function traceAsRun(trace: JaegerTrace): RunDetail {
  const first = Math.min(...trace.spans.map((span) => span.startTime));
  const last = Math.max(...trace.spans.map((span) => span.startTime + span.duration));
  const spans = trace.spans.map((span) => spanOf(span, trace, first)).sort((a, b) => a.startOffsetMs - b.startOffsetMs);
  const known = new Set(spans.map((span) => span.spanId));
  const root = spans.find((span) => !span.parentSpanId || !known.has(span.parentSpanId));
  return {
    id: trace.traceID,
    traceId: trace.traceID,
    system: 'otlp',
    pipeline: root?.name ?? trace.traceID.slice(0, 8),
    state: 'finished',
    ...(spans.some((span) => span.status === 'error') ? { result: 'error' as const } : {}),
    startedAt: iso(first),
    finishedAt: iso(last),
    durationSeconds: (last - first) / 1e6,
    tasks: [],
    spans,
  };
}

function spanOf(span: JaegerTrace['spans'][number], trace: JaegerTrace, first: number): Span {
  const tags = attributesOf(span.tags);
  const parent = span.references?.find((one) => one.refType === 'CHILD_OF' && one.traceID === trace.traceID);
  const process = trace.processes[span.processID];
  return {
    spanId: span.spanID,
    ...(parent && { parentSpanId: parent.spanID }),
    name: span.operationName,
    service: process?.serviceName ?? '',
    kind: String(tags['span.kind'] ?? 'internal'),
    status: tags['error'] === true || tags['otel.status_code'] === 'ERROR' ? 'error' : 'unset',
    statusMessage: String(tags['otel.status_description'] ?? ''),
    startedAt: iso(span.startTime),
    startOffsetMs: (span.startTime - first) / 1000,
    durationMs: span.duration / 1000,
    attributes: { ...attributesOf(process?.tags), ...tags },
    events: (span.logs ?? []).map((log) => {
      const { event, ...attributes } = attributesOf(log.fields);
      return { name: String(event ?? 'log'), at: iso(log.timestamp), attributes };
    }),
  };
}

const iso = (micros: number): string => new Date(micros / 1000).toISOString();

const attributesOf = (pairs: KeyValue[] = []): Attributes =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
