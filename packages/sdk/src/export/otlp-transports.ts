import { getStringFromEnv } from '@opentelemetry/core';
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import { convertLegacyOtlpGrpcOptions } from '@opentelemetry/otlp-grpc-exporter-base';
import type { ExporterTarget, Signal } from '../configuration/exporter-target.ts';
import { GrpcTransport } from './grpc-transport.ts';
import { HttpTransport } from './http-transport.ts';
import type { OtlpTransport } from './otlp-transport.ts';

const HTTP_PATH = { TRACES: 'v1/traces', LOGS: 'v1/logs' } as const satisfies Record<Signal, string>;

const GRPC_PATH = {
  TRACES: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  LOGS: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const satisfies Record<Signal, string>;

type Options = Parameters<typeof convertLegacyOtlpGrpcOptions>[0] &
  Parameters<typeof convertLegacyHttpOptions>[0];

/**
 * @param timeoutMillis Of one request, where `OTEL_EXPORTER_OTLP_TIMEOUT` does not say it. A request that starts
 *   at the last moment of a shutdown holds the process this long, so it is the shutdown's own limit.
 */
export function createTransport(
  target: ExporterTarget,
  signal: Signal,
  timeoutMillis: number,
): OtlpTransport {
  return target.protocol === 'grpc'
    ? new GrpcTransport(buildGrpcConfiguration(target, signal, timeoutMillis), GRPC_PATH[signal])
    : new HttpTransport(buildHttpConfiguration(target, signal, timeoutMillis));
}

export function buildGrpcConfiguration(
  target: ExporterTarget,
  signal: Signal,
  timeoutMillis: number,
): ReturnType<typeof convertLegacyOtlpGrpcOptions> {
  return convertLegacyOtlpGrpcOptions(buildOptions(target, signal, timeoutMillis), signal);
}

export function buildHttpConfiguration(
  target: ExporterTarget,
  signal: Signal,
  timeoutMillis: number,
): ReturnType<typeof convertLegacyHttpOptions> {
  const contentType = target.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  const headers = { 'Content-Type': contentType };
  return convertLegacyHttpOptions(
    buildOptions(target, signal, timeoutMillis),
    signal,
    HTTP_PATH[signal],
    headers,
  );
}

/** Only what the environment leaves open: OpenTelemetry reads `OTEL_EXPORTER_OTLP_*` (headers, TLS…) itself. */
function buildOptions(target: ExporterTarget, signal: Signal, timeoutMillis: number): Options {
  const options: Options = {};
  if (target.url !== undefined) options.url = target.url;
  // The enum behind this value lives in a package that OpenTelemetry keeps for its own use.
  if (!isSet('COMPRESSION', signal)) options.compression = 'gzip' as NonNullable<Options['compression']>;
  if (!isSet('TIMEOUT', signal)) options.timeoutMillis = timeoutMillis;
  return options;
}

function isSet(name: string, signal: Signal): boolean {
  return (
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${signal}_${name}`) !== undefined ||
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${name}`) !== undefined
  );
}
