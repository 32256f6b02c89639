import { diag } from '@opentelemetry/api';
import { getStringFromEnv } from '@opentelemetry/core';
import type { OtlpProtocol, TracingOptions } from '../tracing-options.ts';

export type Signal = 'TRACES' | 'LOGS';

export interface ExporterTarget {
  readonly protocol: OtlpProtocol;
  /** Absent: the OTLP exporter takes it from the environment by OpenTelemetry's rules. */
  readonly url: string | undefined;
  /** For messages to the operator. */
  readonly description: string;
}

const PROTOCOLS: readonly string[] = ['grpc', 'http/protobuf', 'http/json'] satisfies OtlpProtocol[];

/** Paths that OTLP/HTTP adds to an endpoint meant for all signals. */
const HTTP_PATH = { TRACES: 'v1/traces', LOGS: 'v1/logs' } as const satisfies Record<Signal, string>;

/** Where a signal goes and how: option, then the variable of the signal, then the general variable, then loopback. */
export function resolveExporterTarget(options: TracingOptions, signal: Signal): ExporterTarget {
  const endpoint = withScheme(options.endpoint);
  const endpointFromEnv =
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ??
    getStringFromEnv('OTEL_EXPORTER_OTLP_ENDPOINT');
  const protocol =
    options.protocol ??
    protocolFromEnv(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ??
    protocolFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL') ??
    protocolOfPort(endpoint ?? endpointFromEnv);
  if (endpoint === undefined && endpointFromEnv !== undefined) {
    return { protocol, url: undefined, description: endpointFromEnv };
  }
  const base = endpoint ?? (protocol === 'grpc' ? 'http://127.0.0.1:4317' : 'http://127.0.0.1:4318');
  const url = protocol === 'grpc' ? base : `${base.replace(/\/+$/, '')}/${HTTP_PATH[signal]}`;
  return { protocol, url, description: base };
}

/** The article's `host:4317` means plain text, as `insecure=True` does in its Python. */
function withScheme(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || endpoint === '') return undefined;
  const withScheme = /^https?:\/\//.test(endpoint) ? endpoint : `http://${endpoint}`;
  if (URL.canParse(withScheme)) return withScheme;
  diag.warn(`Spanwise: the endpoint option is not a URL and is ignored: ${endpoint}`);
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
