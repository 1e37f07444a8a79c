// Sends one little trace through a real exporter: node export.mjs grpc|http/json|http/protobuf URL
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const [protocol, url] = process.argv.slice(2);
const exporters = {
  grpc: () => new GrpcExporter({ url, compression: 'gzip' }),
  'http/json': () => new JsonExporter({ url, compression: 'gzip' }),
  'http/protobuf': () => new ProtobufExporter({ url }),
};
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'node-shop' }),
  spanProcessors: [new BatchSpanProcessor(exporters[protocol]())],
});
const tracer = provider.getTracer('node-lib', '0.3');
const parent = tracer.startSpan('parent', { kind: SpanKind.SERVER, attributes: { ratio: 0.5, tags: ['a', 'b'] } });
const child = tracer.startSpan('child', { attributes: { tries: 7, ok: false } }, trace.setSpan(context.active(), parent));
child.addEvent('cache miss', { key: 'ä' });
child.setStatus({ code: SpanStatusCode.ERROR, message: 'timed out' });
child.end();
parent.end();
await provider.shutdown();
