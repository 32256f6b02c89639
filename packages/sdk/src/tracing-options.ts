import type { Attributes } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

/** Long enough for a backend that is there; nobody should wait longer at an exit for one that is not. */
export const DEFAULT_SHUTDOWN_TIMEOUT_MILLIS = 2000;

export type OtlpProtocol = 'grpc' | 'http/protobuf' | 'http/json';

/** Everything is optional. An option goes before its environment variable, that before the default. */
export interface TracingOptions {
  /**
   * Where spans and logs go: `http://jaeger:4317`, `https://…`, or `host:port` for plain text. Default:
   * `OTEL_EXPORTER_OTLP_ENDPOINT`, else `http://127.0.0.1:4317`.
   */
  readonly endpoint?: string | undefined;
  /** Default: `OTEL_EXPORTER_OTLP_PROTOCOL`, else `http/protobuf` for port 4318 and `grpc` for any other. */
  readonly protocol?: OtlpProtocol | undefined;
  /** Default: that of the nearest `package.json` above the program's main file. */
  readonly serviceVersion?: string | undefined;
  /** `deployment.environment.name`. Default: `OTEL_RESOURCE_ATTRIBUTES`, else `NODE_ENV`, else `development`. */
  readonly environment?: string | undefined;
  readonly resourceAttributes?: Attributes | undefined;
  readonly batch?: BatchOptions | undefined;
  /** Keeps on disk what a backend that is away did not take, also over restarts. Off if absent, unless `SPANWISE_DISK_BUFFER` names a folder. */
  readonly diskBuffer?: DiskBufferOptions | undefined;
  /** How long `shutdown()` and `forceFlush()` may take. 2 s if absent. */
  readonly shutdownTimeoutMillis?: number | undefined;
  /** Paths whose requests make no span. Default: the usual health checks, see `HEALTH_PATHS`. */
  readonly ignoredPaths?: readonly string[] | undefined;
  /** Further OpenTelemetry instrumentations (databases, queues). HTTP, fetch and Fastify routes are there already. */
  readonly instrumentations?: readonly Instrumentation[] | undefined;
  /** Further processors, for instance one with an exporter of your own. They see spans as they were made, before the gate. */
  readonly spanProcessors?: readonly SpanProcessor[] | undefined;
}

export interface DiskBufferOptions {
  /** Made if it is not there. The processes of a service may share it; services may not. */
  readonly folder: string;
  /** When it is full, the oldest batches go. 64 MiB. */
  readonly maxBytes?: number | undefined;
}

/** Sizes of the export queue, for spans and for logs each. Defaults: `OTEL_BSP_*` and `OTEL_BLRP_*`, else as stated. */
export interface BatchOptions {
  /** Beyond it the oldest is dropped and counted, errors and roots last. 2048. */
  readonly maxQueueSize?: number | undefined;
  /** The same in estimated bytes. 16 MiB. */
  readonly maxQueueBytes?: number | undefined;
  /** 512. */
  readonly maxExportBatchSize?: number | undefined;
  /** How long a span waits for company. 1 s: somebody is waiting for the trace (OpenTelemetry's default is 5 s). */
  readonly scheduledDelayMillis?: number | undefined;
  /** 30 s, retries included. */
  readonly exportTimeoutMillis?: number | undefined;
}
