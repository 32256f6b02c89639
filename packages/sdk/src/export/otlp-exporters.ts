import { getStringFromEnv } from '@opentelemetry/core';
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { ExporterTarget, Signal } from '../configuration/exporter-target.ts';
import type { OtlpProtocol } from '../tracing-options.ts';
import type { BatchExporter } from './retrying-exporter.ts';

type ExporterConfig = ConstructorParameters<typeof GrpcTraceExporter>[0];

const TRACE_EXPORTERS: Record<OtlpProtocol, (config: ExporterConfig) => BatchExporter<ReadableSpan>> = {
  grpc: (config) => new GrpcTraceExporter(config),
  'http/protobuf': (config) =>
    new ProtobufTraceExporter(config as ConstructorParameters<typeof ProtobufTraceExporter>[0]),
  'http/json': (config) =>
    new JsonTraceExporter(config as ConstructorParameters<typeof JsonTraceExporter>[0]),
};

const LOG_EXPORTERS: Record<OtlpProtocol, (config: ExporterConfig) => BatchExporter<ReadableLogRecord>> = {
  grpc: (config) => new GrpcLogExporter(config),
  'http/protobuf': (config) =>
    new ProtobufLogExporter(config as ConstructorParameters<typeof ProtobufLogExporter>[0]),
  'http/json': (config) => new JsonLogExporter(config as ConstructorParameters<typeof JsonLogExporter>[0]),
};

/**
 * @param timeoutMillis Of one request, where `OTEL_EXPORTER_OTLP_TIMEOUT` does not say it. A request that starts
 *   at the last moment of a shutdown holds the process this long, so it is the shutdown's own limit.
 */
export function createTraceExporter(
  target: ExporterTarget,
  timeoutMillis: number,
): BatchExporter<ReadableSpan> {
  return TRACE_EXPORTERS[target.protocol](exporterConfig(target, 'TRACES', timeoutMillis));
}

/** @param timeoutMillis As of {@link createTraceExporter}. */
export function createLogExporter(
  target: ExporterTarget,
  timeoutMillis: number,
): BatchExporter<ReadableLogRecord> {
  return LOG_EXPORTERS[target.protocol](exporterConfig(target, 'LOGS', timeoutMillis));
}

/** Only what the environment leaves open: the exporters read `OTEL_EXPORTER_OTLP_*` (headers, TLS…) themselves. */
function exporterConfig(
  target: ExporterTarget,
  signal: Signal,
  timeoutMillis: number,
): NonNullable<ExporterConfig> {
  const config: NonNullable<ExporterConfig> = {};
  if (target.url !== undefined) config.url = target.url;
  // The enum behind this value lives in a package that OpenTelemetry keeps for its own use.
  if (!isSet('COMPRESSION', signal)) config.compression = 'gzip' as NonNullable<typeof config.compression>;
  if (!isSet('TIMEOUT', signal)) config.timeoutMillis = timeoutMillis;
  return config;
}

function isSet(name: string, signal: Signal): boolean {
  return (
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${signal}_${name}`) !== undefined ||
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${name}`) !== undefined
  );
}
