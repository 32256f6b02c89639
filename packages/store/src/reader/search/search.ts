import type { Field, Filter, Percentile } from '@spanwise/filter';
import type { SpanId, SpanKind, StatusCode, TraceId, UnixNano } from '@spanwise/model';

/** What is searched, and through which filter. */
export interface Search {
  readonly filter: Filter;
  /** Of each percentile that the filter names (`percentilesOf`). */
  readonly histories: readonly OperationHistory[];
  /** Of spans by their start; both inclusive. */
  readonly from: UnixNano;
  readonly to: UnixNano;
  /** Segments up to this one: pages of one answer don't see what came since. */
  readonly ingestSeq: bigint;
  /** Only spans of segments after this one. */
  readonly afterSeq?: bigint;
  /** For all statements of the answer together. */
  readonly budgetMillis: number;
}

/** A percentile of the durations of each operation that has enough of them. */
export interface OperationHistory {
  readonly percentile: Percentile;
  readonly operations: readonly {
    readonly service: string;
    readonly name: string;
    readonly kind: number;
    readonly nanos: number;
  }[];
}

/** What there is to search: the starts of the oldest and the newest span, and the newest segment. */
export interface SearchBounds {
  readonly from: UnixNano;
  readonly to: UnixNano;
  readonly ingestSeq: bigint;
}

/** Answers to filters. Times of statements are bounded by `Search.budgetMillis`. */
export interface SpanSearch {
  /** Absence: undefined while nothing is stored. */
  searchBounds(tenant: number): Promise<SearchBounds | undefined>;
  /** The earliest and latest start of spans of segments after one and up to another. Absence: there are none. */
  arrivals(
    tenant: number,
    afterSeq: bigint,
    upToSeq: bigint,
  ): Promise<Pick<SearchBounds, 'from' | 'to'> | undefined>;
  /**
   * One page of spans. Spans of one trace, id and start are one: sent twice.
   * Errors: `EngineError` 159 when not even the first window could be searched within the budget.
   */
  searchSpans(tenant: number, search: SpanListSearch): Promise<Found<FoundSpan>>;
  /** One page of traces by the start of their earliest matching span; ties by id. Errors: as `searchSpans`. */
  searchTraceIds(tenant: number, search: TraceListSearch): Promise<Found<FoundTrace>>;
  /** The first traces by a number that may change. Errors: as `searchSpans`. */
  topTraceIds(tenant: number, search: TopTraceSearch): Promise<Found<TraceId>>;
  /** How many match, counted no further than `limit` + 1. Errors: `EngineError` 159 over budget. */
  countMatches(tenant: number, search: Search, of: 'spans' | 'traces', limit: number): Promise<number>;
  /** Matching spans by time and duration; cells with spans only. Errors: as `countMatches`. */
  spanHeat(tenant: number, search: Search, stepNanos: bigint): Promise<readonly HeatCell[]>;
  /** Matching spans by up to three fields, most first. Errors: as `countMatches`. */
  groupSpans(
    tenant: number,
    search: Search,
    by: readonly Field[],
    limit: number,
  ): Promise<readonly SpanGroup[]>;
  /** Values of a field among the matching spans, most first. Errors: as `countMatches`. */
  topValues(tenant: number, search: Search, field: Field, limit: number): Promise<readonly ValueCount[]>;
}

export type Direction = 'descending' | 'ascending';

export interface SpanListSearch extends Search {
  readonly order: SpanOrder;
  readonly direction: Direction;
  readonly after?: SpanPlace;
  readonly limit: number;
}

/** Tokens and cost: spans where they are unknown come last. Ties: the newest first. */
export type SpanOrder = 'time' | 'duration' | 'tokens' | 'cost';

/** Where a span stands in an order. */
export interface SpanPlace {
  /** What the list is ordered by; 0 by time. */
  readonly value: number;
  readonly startTimeUnixNano: UnixNano;
  readonly traceId: TraceId;
  readonly spanId: SpanId;
}

export interface TraceListSearch extends Search {
  readonly direction: Direction;
  readonly after?: FoundTrace;
  readonly limit: number;
}

/** By the start of its earliest matching span. */
export interface FoundTrace {
  readonly traceId: TraceId;
  readonly startTimeUnixNano: UnixNano;
}

export interface TopTraceSearch extends Search {
  readonly order: TraceOrder;
  readonly direction: Direction;
  readonly limit: number;
}

/** Of the whole trace; tokens and cost of its model calls, so that parents that repeat them don't count. */
export type TraceOrder = 'duration' | 'spans' | 'errors' | 'tokens' | 'cost';

export interface Found<Item> {
  readonly items: readonly Item[];
  /** There may be more behind the last one. */
  readonly hasMore: boolean;
  /**
   * When the budget was used up: all that began from here on (in ascending order of time: up to here) was searched,
   * the rest was not. Absent: everything was.
   */
  readonly completeTo?: UnixNano;
}

/** -1: unknown. */
export interface FoundSpan {
  readonly place: SpanPlace;
  readonly parentSpanId?: SpanId;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly durationNanos: number;
  readonly statusCode: StatusCode;
  readonly operation: string;
  readonly model: string;
  readonly agent: string;
  readonly tool: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: number;
}

export interface HeatCell {
  /** Steps after the start of the window. */
  readonly step: number;
  /** `bucketOfDuration` of @spanwise/model. */
  readonly bucket: number;
  readonly count: number;
  readonly errors: number;
}

export interface SpanGroup {
  /** By the fields asked for; undefined where a span has none. Of several values the first. */
  readonly keys: readonly (string | undefined)[];
  readonly count: number;
  readonly errors: number;
  readonly p50Nanos: number;
  readonly p95Nanos: number;
  readonly p99Nanos: number;
  /** -1: unknown. */
  readonly tokens: number;
  readonly cost: number;
}

export interface ValueCount {
  readonly value: string;
  /** Spans that have it. */
  readonly count: number;
}
