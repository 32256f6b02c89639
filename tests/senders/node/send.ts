import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { JsonLogsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/*
 * Sends one trace and one log record with OpenTelemetry's own SDK for JavaScript, and prints the trace id. The log
 * record goes as OTLP JSON in either case: so that encoding has a sender, too.
 *
 * usage: send.ts (grpc|http) host:port host:port-of-http
 */
const [protocol, endpoint = '', http = ''] = process.argv.slice(2);

const exporter =
  protocol === 'grpc'
    ? new GrpcExporter({ url: `http://${endpoint}` })
    : new HttpExporter({ url: `http://${endpoint}/v1/traces` });
const resource = resourceFromAttributes({ 'service.name': 'till', 'service.version': '1.2.3' });
const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
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
const inRoot = trace.setSpan(context.active(), root);
const links = [{ context: root.spanContext(), attributes: { why: 'cause' } }];
const child = tracer.startSpan('pay', { kind: SpanKind.CLIENT, links }, inRoot);
child.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' });

const records: ReadableLogRecord[] = [];
const logger = new LoggerProvider({
  resource,
  processors: [
    {
      onEmit: (record) => void records.push(record),
      forceFlush: async () => {},
      shutdown: async () => {},
    },
  ],
}).getLogger('shop');
logger.emit({
  severityNumber: 13,
  severityText: 'WARN',
  body: 'card declined',
  attributes: { attempt: 2 },
  context: trace.setSpan(context.active(), child),
});

child.end();
root.setStatus({ code: SpanStatusCode.OK });
root.end();
await provider.shutdown();
const response = await fetch(`http://${http}/v1/logs`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JsonLogsSerializer.serializeRequest(records) as Uint8Array<ArrayBuffer>,
});
if (!response.ok) throw new Error(`the log record was answered with ${response.status}`);
console.log(root.spanContext().traceId);
