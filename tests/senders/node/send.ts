import {
  type Context,
  context,
  createTraceState,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as HttpLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/*
 * Sends one trace and its log records with OpenTelemetry's own SDK for JavaScript, and prints the trace id.
 *
 * usage: send.ts (grpc|http|json) host:port
 */
const [protocol, endpoint = ''] = process.argv.slice(2);

const url = `http://${endpoint}`;
const [exporter, logExporter] =
  protocol === 'grpc'
    ? [new GrpcExporter({ url }), new GrpcLogs({ url })]
    : protocol === 'http'
      ? [new HttpExporter({ url: `${url}/v1/traces` }), new HttpLogs({ url: `${url}/v1/logs` })]
      : [new JsonExporter({ url: `${url}/v1/traces` }), new JsonLogs({ url: `${url}/v1/logs` })];
const resource = resourceFromAttributes({ 'service.name': 'till', 'service.version': '1.2.3' });
const provider = new TracerProvider({
  resource,
  spanLimits: { attributePerEventCountLimit: 2 },
  spanProcessors: [new BatchSpanProcessor({ exporter })],
});
const logs = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: logExporter })],
});
const tracer = provider.getTracer('shop', '0.1');
const root = tracer.startSpan('checkout', {
  kind: SpanKind.SERVER,
  attributes: {
    text: 'grüße',
    int: 42,
    double: 0.5,
    bool: true,
    texts: ['a', 'b'],
    ints: [1, -2],
    doubles: [0.25, 2.5],
    bools: [true, false],
  },
});
root.addEvent('queued', { depth: 3 });
const inRoot = within(root);
const links = [{ context: root.spanContext(), attributes: { why: 'cause' } }];
const child = tracer.startSpan('pay', { kind: SpanKind.CLIENT, links }, inRoot);
child.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' });
logs.getLogger('shop').emit({
  severityNumber: 13,
  severityText: 'WARN',
  body: 'card declined',
  attributes: { attempt: 2 },
  context: within(child),
});
child.end();
sendEveryValue();
root.setStatus({ code: SpanStatusCode.OK });
root.end();
await Promise.all([provider.shutdown(), logs.shutdown()]);
console.log(root.spanContext().traceId);

function sendEveryValue(): void {
  const schemaUrl = 'https://opentelemetry.io/schemas/1.37.0';
  const elsewhere = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: '00f067aa0ba902b7',
    isRemote: true,
    traceFlags: TraceFlags.SAMPLED,
    traceState: createTraceState('vendor=a-b'),
  };
  const attributes = {
    text: 'Grüße, 世界 🌍',
    'empty.text': '',
    false: false,
    'int.zero': 0,
    'int.least': Number.MIN_SAFE_INTEGER,
    'int.most': Number.MAX_SAFE_INTEGER,
    // JSON has neither.
    ...(protocol !== 'json' && { 'double.nan': Number.NaN, 'double.infinite': Number.NEGATIVE_INFINITY }),
    'empty.list': [],
  };
  const span = provider
    .getTracer('stock', '2', { schemaUrl })
    .startSpan('count', { links: [{ context: elsewhere }], attributes }, inRoot);
  span.addEvent('counted', { shelf: 3, by: 'hand', third: 'over the limit' });
  span.recordException(new Error('the shelf is empty'));
  const logger = logs.getLogger('stock', '2', { schemaUrl, attributes: { rank: 7 } });
  for (const body of [
    { reason: 'closed', tills: [1, 2.5, null, { open: false }] },
    ['a', Number.MAX_SAFE_INTEGER, new Uint8Array([1])],
  ]) {
    logger.emit({
      severityNumber: 6,
      severityText: 'fine',
      eventName: 'stock.counted',
      body,
      attributes: { raw: new Uint8Array([0, 255]), nested: { deep: { er: [1] } } },
      context: within(span),
    });
  }
  span.end();
}

function within(span: Span): Context {
  return trace.setSpan(context.active(), span);
}
