import type { SpanKindName, TraceSummaryDto } from './index.ts';

/*
 * GET /api/v1/search/…: answers to a filter (docs/filter-language.md). Query of all of them: `filter` (may be absent
 * or empty: everything), and a window of time: `start`, `end` (Unix milliseconds) or `lookback` (`1h`, `7d`); without
 * one, all that is stored. Errors of filters name the place: `ProblemDocument.position`.
 */

/** What was searched: spans by their start, Unix nanoseconds, both inclusive. */
export interface SearchedDto {
  readonly fromUnixNano: string;
  readonly toUnixNano: string;
  /**
   * False when the time for one answer was used up: then the answer is right for this window, which is shorter than
   * the one asked for. By time, the next page goes on from there; by other orders, ask for a shorter window.
   */
  readonly complete: boolean;
}

/** Of the first page only. */
export interface TotalDto {
  readonly count: number;
  /** False: there are at least as many. */
  readonly exact: boolean;
}

/** An attribute of the filter that nobody has sent; told where nothing was found. */
export interface UnknownKeyDto {
  readonly key: string;
  readonly position: TextPositionDto;
  readonly didYouMean?: string;
}

/** Characters of a text: `from` inclusive, `to` exclusive. */
export interface TextPositionDto {
  readonly from: number;
  readonly to: number;
}

/**
 * GET /api/v1/search/traces: traces of which one span satisfies the filter. Query besides: `order` (`time`: start of
 * the earliest matching span; `duration`, `spans`, `errors`, `tokens`, `cost` of the whole trace; default `time`),
 * `direction` (`desc`, `asc`; default `desc`), `limit` (1 to 1500, default 20), `cursor`: `next` of the page before,
 * everything else as then. Pages by time never skip or repeat a trace while data come in; by other orders, which may
 * change, the first page fixes the list for 10 minutes, of at most 10,000 traces.
 */
export interface SearchTracesResponse {
  readonly traces: readonly TraceSummaryDto[];
  readonly searched: SearchedDto;
  readonly total?: TotalDto;
  /** Absent: there is no further page. */
  readonly next?: string;
  readonly unknownKeys?: readonly UnknownKeyDto[];
}

/**
 * GET /api/v1/search/spans. Query besides: as for traces; `order` is `time`, `duration`, `tokens` or `cost` of the
 * span. Spans where the number is unknown come last. Pages see what was stored when the first one was asked for.
 */
export interface SearchSpansResponse {
  readonly spans: readonly FoundSpanDto[];
  readonly searched: SearchedDto;
  readonly total?: TotalDto;
  readonly next?: string;
  readonly unknownKeys?: readonly UnknownKeyDto[];
}

/** Texts that a span lacks are absent. */
export interface FoundSpanDto {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKindName;
  readonly status: 'unset' | 'ok' | 'error';
  readonly startTimeUnixNano: string;
  readonly durationNanos: number;
  readonly operation?: string;
  readonly model?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars. */
  readonly cost: number;
}

/**
 * GET /api/v1/search/histogram: matching spans over time. Query besides: `bins` (1 to 500, default 60). Answers that
 * sum up fail with 422 where they would take too long.
 */
export interface SearchHistogramResponse {
  readonly startUnixNano: string;
  /** Of one bin. */
  readonly stepNanos: number;
  /** One number for each bin. */
  readonly counts: readonly number[];
  readonly errors: readonly number[];
}

/** GET /api/v1/search/heatmap: matching spans over time and duration. Query besides: `bins`. */
export interface SearchHeatmapResponse {
  readonly startUnixNano: string;
  readonly stepNanos: number;
  readonly bins: number;
  /** Cells with spans only, one place of each list for each. By bin, then bucket. */
  readonly bin: readonly number[];
  /** Bucket `b` begins at 2^(b / `bucketsPerOctave`) ns. */
  readonly bucket: readonly number[];
  readonly count: readonly number[];
  readonly errors: readonly number[];
  readonly bucketsPerOctave: number;
}

/**
 * GET /api/v1/search/groups: matching spans by up to three fields. Query besides: `by` (as in filters, with commas
 * between: `service,span."odd key"`; none: all together), `limit` (1 to 1000, default 100). Most spans first.
 */
export interface SearchGroupsResponse {
  /** As the filter language writes them. */
  readonly by: readonly string[];
  readonly groups: readonly {
    /** Null: spans without the field. Of several values the first counts. */
    readonly keys: readonly (string | null)[];
    readonly count: number;
    readonly errorCount: number;
    /** 0 to 1. */
    readonly errorRate: number;
    readonly p50Nanos: number;
    readonly p95Nanos: number;
    readonly p99Nanos: number;
    /** -1: unknown, here and in cost. */
    readonly tokens: number;
    readonly cost: number;
  }[];
  /** There are more than these. */
  readonly truncated: boolean;
}

/** GET /api/v1/search/values: what a field says. Query besides: `field`, `limit` (1 to 1000, default 20). Most first. */
export interface SearchValuesResponse {
  readonly field: string;
  readonly values: readonly { readonly value: string; readonly count: number }[];
  readonly truncated: boolean;
}
