import { setTimeout as delay } from 'node:timers/promises';
import type { Logger, Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/*
 * Telemetry from OpenTelemetry's own SDK, which knows nothing of ours: what any sender could send.
 */

/** An OTLP/HTTP request, ready to be sent as often as needed. */
export interface OtlpRequest {
  readonly path: '/v1/traces' | '/v1/logs';
  /** Protobuf. */
  readonly body: Uint8Array;
  /** Of the spans or log records in it: `<trace id>/<span id>`. */
  readonly ids: readonly string[];
}

/** The spans that `work` starts and ends, as one request. */
export function spansRequest(serviceName: string, work: (tracer: Tracer) => void): OtlpRequest {
  const spans: ReadableSpan[] = [];
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => spans.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  work(provider.getTracer('tests'));
  const body = ProtobufTraceSerializer.serializeRequest(spans);
  if (body === undefined) throw new Error('the spans cannot be serialised');
  const ids = spans.map((span) => `${span.spanContext().traceId}/${span.spanContext().spanId}`);
  return { path: '/v1/traces', body, ids };
}

/** The log records that `work` emits, as one request. */
export function logsRequest(serviceName: string, work: (logger: Logger) => void): OtlpRequest {
  const records: ReadableLogRecord[] = [];
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    processors: [
      { onEmit: (record) => records.push(record), forceFlush: async () => {}, shutdown: async () => {} },
    ],
  });
  work(provider.getLogger('tests'));
  const body = ProtobufLogsSerializer.serializeRequest(records);
  if (body === undefined) throw new Error('the log records cannot be serialised');
  return {
    path: '/v1/logs',
    body,
    ids: records.map(({ spanContext }) => `${spanContext?.traceId}/${spanContext?.spanId}`),
  };
}

/** Sends once. Errors: any answer but 200. */
export async function send(otlpHttp: string, request: OtlpRequest, signal?: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(10_000);
  const response = await fetch(`${otlpHttp}${request.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: request.body as Uint8Array<ArrayBuffer>,
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
  const answer = await response.arrayBuffer();
  if (response.status !== 200) {
    throw new Error(`${request.path} answered ${response.status}: ${Buffer.from(answer).toString('utf8')}`);
  }
}

/** Sends the same bytes again until they are acknowledged, as an exporter does. */
export async function sendUntilAcknowledged(
  otlpHttp: string,
  request: OtlpRequest,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await send(otlpHttp, request, signal);
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      await delay(50);
    }
  }
}

/** The spans that `work` makes, over OTLP/gRPC; resolves when they are acknowledged. */
export async function sendOverGrpc(
  otlpGrpc: string,
  serviceName: string,
  work: (tracer: Tracer) => void,
): Promise<void> {
  const exporter = new OTLPTraceExporter({ url: otlpGrpc });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  work(provider.getTracer('tests'));
  await provider.forceFlush();
  await provider.shutdown();
}
