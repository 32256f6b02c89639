import { diag } from '@opentelemetry/api';
import { getStringFromEnv } from '@opentelemetry/core';
import type { OtlpProtocol, TracingOptions } from '../tracing-options.ts';

export type Signal = 'TRACES' | 'LOGS';

export interface ExporterTarget {
  readonly protocol: OtlpProtocol;
  /** Absent: the OTLP exporter takes it from the environment by OpenTelemetry's rules. */
  readonly url: string | undefined;
}

const PROTOCOLS: readonly string[] = ['grpc', 'http/protobuf', 'http/json'] satisfies OtlpProtocol[];

/** Paths that OTLP/HTTP adds to an endpoint meant for all signals. */
const HTTP_PATH = { TRACES: 'v1/traces', LOGS: 'v1/logs' } as const satisfies Record<Signal, string>;

/** Where a signal goes and how: option, then the variable of the signal, then the general variable, then loopback. */
export function resolveExporterTarget(options: TracingOptions, signal: Signal): ExporterTarget {
  const endpoint = checkedEndpoint(options.endpoint, 'the option endpoint');
  const endpointFromEnv =
    endpointOf(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ?? endpointOf('OTEL_EXPORTER_OTLP_ENDPOINT');
  const protocol =
    options.protocol ??
    protocolFromEnv(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ??
    protocolFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL') ??
    protocolOfPort(endpoint ?? endpointFromEnv);
  if (endpoint === undefined && endpointFromEnv !== undefined) return { protocol, url: undefined };
  const base = endpoint ?? (protocol === 'grpc' ? 'http://127.0.0.1:4317' : 'http://127.0.0.1:4318');
  return { protocol, url: protocol === 'grpc' ? base : `${base.replace(/\/+$/, '')}/${HTTP_PATH[signal]}` };
}

function endpointOf(variable: string): string | undefined {
  return checkedEndpoint(getStringFromEnv(variable), variable);
}

/**
 * An endpoint with its scheme; absent, after a warning, if it is no URL (OpenTelemetry's gRPC exporter would
 * throw). The article's `host:4317` means plain text, as `insecure=True` does in its Python.
 */
function checkedEndpoint(endpoint: string | undefined, source: string): string | undefined {
  if (endpoint === undefined || endpoint === '') return undefined;
  const withScheme = /^https?:/.test(endpoint) ? endpoint : `http://${endpoint}`;
  if (URL.canParse(withScheme)) return withScheme;
  diag.warn(`Spanwise: ${source} is not a URL and is ignored: ${endpoint}`);
  return undefined;
}

function protocolFromEnv(variable: string): OtlpProtocol | undefined {
  const value = getStringFromEnv(variable);
  if (value === undefined) return undefined;
  if (PROTOCOLS.includes(value)) return value as OtlpProtocol;
  diag.warn(`Spanwise: ${variable}=${value} is ignored; allowed: ${PROTOCOLS.join(', ')}`);
  return undefined;
}

/** 4318 is OTLP/HTTP's port: speaking gRPC to it never works, so nobody means it. */
function protocolOfPort(endpoint: string | undefined): OtlpProtocol {
  return endpoint !== undefined && URL.canParse(endpoint) && new URL(endpoint).port === '4318'
    ? 'http/protobuf'
    : 'grpc';
}
