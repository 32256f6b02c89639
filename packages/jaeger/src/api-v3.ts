import type { TraceId, UnixNano } from '@spanwise/model';
import type { JaegerErrorResponse } from './envelope.ts';

/**
 * A `jaeger.api_v3.TraceSummary` in its JSON form: what is zero or empty is left out, 64-bit integers are decimal
 * strings. Protobuf libraries take it as it is.
 */
export interface ApiV3TraceSummary {
  /** Always 32 hex digits. */
  readonly traceId: string;
  /** Of the parentless span with the earliest start; left out while the trace has none. */
  readonly rootServiceName?: string;
  readonly rootOperationName?: string;
  readonly minStartTimeUnixNano: string;
  readonly maxEndTimeUnixNano: string;
  readonly spanCount: number;
  readonly errorSpanCount?: number;
  /** Spans whose parent is not in the trace. */
  readonly orphanSpanCount?: number;
  /** By name. */
  readonly services: readonly {
    readonly name: string;
    readonly spanCount: number;
    readonly errorSpanCount?: number;
  }[];
}

/** What a summary is made of; the store's summaries are that. */
export interface SummarySource {
  readonly traceId: TraceId;
  readonly rootService?: string;
  readonly rootName?: string;
  readonly startTimeUnixNano: UnixNano;
  readonly durationNanos: number;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly orphanCount: number;
  readonly services: readonly {
    readonly name: string;
    readonly spanCount: number;
    readonly errorCount: number;
  }[];
}

/** Source: jaegertracing/jaeger-idl, proto/api_v3/query_service.proto, TraceSummary. */
export function toApiV3TraceSummary(summary: SummarySource): ApiV3TraceSummary {
  const { startTimeUnixNano, durationNanos, rootService, rootName } = summary;
  return {
    traceId: summary.traceId,
    ...(rootService ? { rootServiceName: rootService } : {}),
    ...(rootName ? { rootOperationName: rootName } : {}),
    minStartTimeUnixNano: String(startTimeUnixNano),
    maxEndTimeUnixNano: String(startTimeUnixNano + BigInt(durationNanos)),
    spanCount: summary.spanCount,
    ...errorCount(summary.errorCount),
    ...(summary.orphanCount === 0 ? {} : { orphanSpanCount: summary.orphanCount }),
    services: summary.services.map((service) => ({
      name: service.name,
      spanCount: service.spanCount,
      ...errorCount(service.errorCount),
    })),
  };
}

function errorCount(count: number): { readonly errorSpanCount?: number } {
  return count === 0 ? {} : { errorSpanCount: count };
}

/** As the legacy API, version 3 sends its errors through Go's plain error writer. (apiv3/http_gateway.go.) */
export function apiV3ErrorResponse(status: number, message: string): JaegerErrorResponse {
  return {
    status,
    contentType: 'text/plain; charset=utf-8',
    body: `${JSON.stringify({ error: { httpCode: status, message } })}\n`,
  };
}
