/**
 * The shapes of `/api/v1`, for the server that answers, the UI and the command line. Times are decimal strings of
 * Unix nanoseconds; durations are numbers of nanoseconds; ids are lowercase hex; -1 is "unknown" in counts.
 */

import type { TextPositionDto } from './search.ts';

export type {
  FoundSpanDto,
  SearchedDto,
  SearchGroupsResponse,
  SearchHeatmapResponse,
  SearchHistogramResponse,
  SearchSpansResponse,
  SearchTracesResponse,
  SearchValuesResponse,
  TextPositionDto,
  TotalDto,
  UnknownKeyDto,
} from './search.ts';

/** GET /api/v1/services */
export interface ServicesResponse {
  /** The catalogue: in the order in which they were first heard of, so that a place, and its colour, stays. */
  readonly services: readonly string[];
}

/** GET /api/v1/operations?service= */
export interface OperationsResponse {
  readonly operations: readonly { readonly name: string; readonly kind: SpanKindName }[];
}

export type SpanKindName = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/**
 * GET /api/v1/traces. Query: `service`, `operation`, `tags` (logfmt: `key=value other="two words"`, all must
 * hold), `minDuration`, `maxDuration` (`1.2s`, `100ms`, `500us`), `start`, `end` (Unix milliseconds) or `lookback`
 * (`1h`), `limit` (1 to 1500, default 20). Newest first.
 */
export interface TracesResponse {
  readonly traces: readonly TraceSummaryDto[];
  /** The window that was searched, Unix milliseconds. */
  readonly startMillis: number;
  readonly endMillis: number;
  /**
   * Only when `traces` is empty: why. `nothing_stored`: no span at all. `unknown_service`: never heard of it.
   * `nothing_in_window`: no span matches in the window.
   */
  readonly emptyReason?: 'nothing_stored' | 'unknown_service' | 'nothing_in_window';
}

export interface TraceSummaryDto {
  readonly traceId: string;
  /** Absent while no parentless span has arrived. */
  readonly rootService?: string;
  readonly rootName?: string;
  readonly startTimeUnixNano: string;
  readonly durationNanos: number;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly orphanCount: number;
  readonly services: readonly {
    readonly name: string;
    readonly spanCount: number;
    readonly errorCount: number;
  }[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly models: readonly string[];
}

/**
 * GET /api/v1/traces/{traceId}: the skeleton. Same columns and row order as `TraceColumns` of @spanwise/model, as
 * plain arrays. `ETag` is the version; `If-None-Match` answers 304.
 */
export interface TraceSkeletonDto {
  readonly traceId: string;
  readonly version: string;
  readonly startTimeUnixNano: string;
  readonly durationNanos: number;
  readonly spanCount: number;
  readonly services: readonly string[];
  readonly names: readonly string[];
  readonly labels: readonly string[];
  readonly spanIds: readonly string[];
  readonly parentRow: readonly number[];
  readonly startNanos: readonly number[];
  readonly durationsNanos: readonly number[];
  readonly serviceIndex: readonly number[];
  readonly nameIndex: readonly number[];
  readonly kind: readonly number[];
  readonly status: readonly number[];
  readonly eventCount: readonly number[];
  readonly operationIndex: readonly number[];
  readonly modelIndex: readonly number[];
  readonly agentIndex: readonly number[];
  readonly toolIndex: readonly number[];
  readonly inputTokens: readonly number[];
  readonly outputTokens: readonly number[];
  readonly firstChunkNanos: readonly number[];
}

/**
 * GET /api/v1/traces/{traceId}/analysis: what the trace says about itself. Rows are rows of the skeleton of the
 * same `version`.
 */
export interface TraceAnalysisDto {
  readonly version: string;
  /** Disjoint stretches of the critical path, in time order, ns after the trace's start. */
  readonly criticalPath: {
    readonly row: readonly number[];
    readonly startNanos: readonly number[];
    readonly endNanos: readonly number[];
  };
  /** Share of the critical path by service, largest first. `service` is absent for time nobody accounts for. */
  readonly byService: readonly {
    readonly service?: string;
    readonly nanos: number;
    readonly share: number;
  }[];
  /** Absent only for a trace without duration. */
  readonly bottleneck?: BottleneckDto;
  /** Model calls only. */
  readonly usage: {
    readonly modelCalls: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly models: readonly string[];
  };
  readonly errorCount: number;
  readonly orphanCount: number;
  readonly rootCount: number;
  readonly logCount: number;
  readonly errorLogCount: number;
  /** Where the failure of a failed request began; `rows` lead there from the root. */
  readonly errorCause?: {
    readonly row: number;
    readonly service: string;
    readonly name: string;
    readonly rows: readonly number[];
  };
  /** Steps tried again after a failure, most time lost first; at most 20. */
  readonly retries: readonly {
    readonly service: string;
    readonly name: string;
    readonly rows: readonly number[];
    readonly succeeded: boolean;
    readonly lostNanos: number;
  }[];
  /** Waiting between a client span and its server span (or producer and consumer), longest first; at most 20. */
  readonly queueTimes: readonly {
    readonly clientRow: number;
    readonly serverRow: number;
    readonly beforeNanos: number;
    readonly afterNanos: number;
  }[];
  /** Services whose clock contradicts their caller's, and by how much; at most 20. The skeleton is as sent. */
  readonly clockCorrections: readonly {
    readonly row: number;
    readonly service: string;
    readonly shiftNanos: number;
  }[];
}

/** GET /api/v1/traces/{traceId}/graph: who called whom, and which agent used what. */
export interface TraceGraphDto {
  readonly version: string;
  /** By name. */
  readonly services: readonly {
    readonly service: string;
    readonly spanCount: number;
    readonly errorCount: number;
    readonly selfNanos: number;
  }[];
  readonly calls: readonly {
    readonly caller: string;
    readonly callee: string;
    readonly callCount: number;
    readonly errorCount: number;
    readonly nanos: number;
  }[];
  readonly agents: {
    readonly nodes: readonly {
      readonly id: string;
      readonly kind: 'agent' | 'model' | 'tool' | 'retrieval';
      readonly name: string;
      readonly callCount: number;
      readonly errorCount: number;
      readonly nanos: number;
      readonly inputTokens: number;
      readonly outputTokens: number;
    }[];
    /** `from` is absent for calls around which no agent ran. */
    readonly uses: readonly {
      readonly from?: string;
      readonly to: string;
      readonly callCount: number;
      readonly errorCount: number;
      readonly nanos: number;
    }[];
  };
}

/**
 * GET /api/v1/traces/{traceId}/flame: alike calls merged; widths are own time. A parent stands before its children;
 * `parent` is a place in the list, -1 at the top.
 */
export interface TraceFlameDto {
  readonly version: string;
  readonly nodes: readonly {
    readonly parent: number;
    readonly depth: number;
    readonly service: string;
    readonly name: string;
    readonly spanCount: number;
    readonly errorCount: number;
    readonly selfNanos: number;
    readonly totalNanos: number;
    readonly fromNanos: number;
    readonly row: number;
  }[];
}

/*
 * GET /api/v1/traces/{traceId}/export?format= (`otlp-json`, `otlp`, `jaeger`, `csv`; default `otlp-json`): the whole
 * trace as a file. OTLP is taken back on the OTLP/HTTP port.
 */

/**
 * GET /api/v1/compare?before=&after= (trace ids): both trees laid over each other. Rows are rows of the skeletons of
 * these versions, -1 where one trace has no such span.
 */
export interface TraceComparisonDto {
  readonly versionBefore: string;
  readonly versionAfter: string;
  readonly rowsBefore: readonly number[];
  readonly rowsAfter: readonly number[];
  readonly depth: readonly number[];
  readonly matchedCount: number;
  readonly onlyBeforeCount: number;
  readonly onlyAfterCount: number;
  /** Most change of own time first. */
  readonly steps: readonly {
    readonly service: string;
    readonly name: string;
    readonly before: StepFiguresDto;
    readonly after: StepFiguresDto;
    readonly changeNanos: number;
  }[];
}

export interface StepFiguresDto {
  readonly callCount: number;
  readonly errorCount: number;
  readonly selfNanos: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface BottleneckDto {
  readonly row: number;
  readonly service: string;
  readonly name: string;
  /** Own time on the critical path, ns. */
  readonly nanos: number;
  /** Of the critical path's whole length, 0 to 1. */
  readonly share: number;
  /** `4.2 of 5.2 s in llm-proxy › chat gpt-4o` */
  readonly sentence: string;
  /**
   * How long its longest span took, beside the spans of the same operation in the 7 days before the trace. Absent:
   * no history (fewer than 20).
   */
  readonly usual?: {
    readonly medianNanos: number;
    /** The duration in medians. */
    readonly ratio: number;
    /** Share of the others that are shorter, 0 to 1. */
    readonly rank: number;
    readonly sampleCount: number;
    /** `3.8 × its usual, slower than 98 % of 1,204 calls` */
    readonly sentence: string;
  };
}

/**
 * GET /api/v1/stats: how often, how many failed, how long. Query: `by` (`service`, or `operation`: service, name and
 * kind; default `service`), `service`, `operation`, `kind` (`server`; may be several, with commas between),
 * `start`, `end` (Unix milliseconds) or `lookback` (default 1 h), `step` (`1m`: one row for each window of that
 * length; at most 1,000 windows). Windows begin at whole minutes, of two days and more at whole hours. Rows by
 * service, operation, kind, window.
 */
export interface StatsResponse {
  readonly startMillis: number;
  readonly endMillis: number;
  readonly rows: readonly StatsRowDto[];
  /** True when there were more rows than the 10,000 that are given. */
  readonly truncated: boolean;
}

export interface StatsRowDto {
  readonly service: string;
  /** Absent where services are told apart and nothing else. */
  readonly operation?: string;
  readonly kind?: SpanKindName;
  /** With `step` only. */
  readonly windowMillis?: number;
  /** Spans left out by sampling are counted in, here and below. */
  readonly spanCount: number;
  readonly errorCount: number;
  readonly spansPerSecond: number;
  /** -1 only where `spanCount` is 0. */
  readonly meanNanos: number;
  readonly p50Nanos: number;
  readonly p95Nanos: number;
  readonly p99Nanos: number;
}

/** GET /api/v1/traces/{traceId}/spans?ids=a,b,c (1 to 200): everything about some spans. */
export interface SpansResponse {
  readonly spans: readonly SpanDto[];
}

/** A value with its OTLP type. int64 and bytes are strings: decimal, base64. */
export type AttributeValueDto =
  | { readonly type: 'string' | 'int' | 'bytes'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  /** NaN and the infinities are strings. */
  | { readonly type: 'double'; readonly value: number | 'NaN' | 'Infinity' | '-Infinity' }
  | { readonly type: 'array'; readonly value: readonly AttributeValueDto[] }
  | { readonly type: 'map'; readonly value: readonly AttributeDto[] }
  | { readonly type: 'empty' };

export interface AttributeDto {
  readonly key: string;
  readonly value: AttributeValueDto;
}

export interface SpanDto {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: SpanKindName;
  readonly startTimeUnixNano: string;
  readonly durationNanos: number;
  readonly status: 'unset' | 'ok' | 'error';
  readonly statusMessage: string;
  readonly traceState: string;
  readonly service: string;
  readonly resource: readonly AttributeDto[];
  readonly scope: {
    readonly name: string;
    readonly version: string;
    readonly attributes: readonly AttributeDto[];
  };
  readonly attributes: readonly AttributeDto[];
  readonly events: readonly {
    readonly timeUnixNano: string;
    readonly name: string;
    readonly attributes: readonly AttributeDto[];
  }[];
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: readonly AttributeDto[];
  }[];
  readonly warnings: readonly string[];
}

/** GET /api/v1/traces/{traceId}/logs?limit= (1 to 5000, default 1000), by time. */
export interface LogsResponse {
  readonly logs: readonly LogRecordDto[];
}

/**
 * GET /api/v1/logs: log records, newest first. Query: `trace`, `span`, `service`, `severity` (this one and worse:
 * `warn`, or a number), `text` (part of the body, in any case), `start`, `end` (Unix milliseconds) or `lookback`,
 * `around` (Unix milliseconds: half a page before it, half after it), `limit` (1 to 1000, default 100), `cursor`.
 * Without a window it is the last hour; with `trace` or `around`, all time.
 */
export interface LogSearchResponse {
  readonly logs: readonly LogRecordDto[];
  /** As `cursor`, with the other parameters unchanged: the next page in this direction. Absent at the end. */
  readonly older?: string;
  /** The same in the other direction, to ask for what arrives later too. Absent only where `logs` is empty. */
  readonly newer?: string;
}

/**
 * POST /api/v1/logs/ingest?service=: lines that a program printed, JSON objects or any text, as
 * `application/x-ndjson` (gzip, deflate and zstd are understood). `service` is for lines that name none.
 */
export interface LogIngestResponse {
  readonly accepted: number;
  readonly rejected: number;
  /** Why some were rejected. */
  readonly message?: string;
}

export interface LogRecordDto {
  readonly timeUnixNano: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly service: string;
  readonly body: AttributeValueDto;
  readonly attributes: readonly AttributeDto[];
}

/**
 * First event of GET /api/v1/live. A connection that comes back with `Last-Event-ID` gets the events in between; `missed`
 * says that some are no longer known, or that its id was never one of ours.
 */
export interface LiveHello {
  readonly missed: boolean;
}

/**
 * GET /api/v1/live: server-sent events. Event `stored` after each segment became searchable; `hello` once on
 * connect; a comment every 15 s keeps the connection open.
 */
export interface StoredEvent {
  readonly ingestSeq: string;
  /** Trace ids touched, at most 200; `truncated` says that there were more. */
  readonly traceIds: readonly string[];
  readonly truncated: boolean;
}

/** GET /api/v1/status */
export interface StatusResponse {
  readonly version: string;
  readonly engine: { readonly kind: string; readonly state: string; readonly restarts: number };
  readonly spool: { readonly bytes: number; readonly segments: number };
  readonly accepted: { readonly spans: number; readonly logs: number };
  /** Where senders reach us. */
  readonly endpoints: { readonly otlpGrpc: string; readonly otlpHttp: string };
  readonly content: string;
}

/** How a part of the server is, as the reference collector's health check names it (healthcheckv2). */
export type PartStatus = 'StatusStarting' | 'StatusOK' | 'StatusRecoverableError' | 'StatusStopping';

/** GET /api/v1/system: what the server tells about itself. Counts and durations are since its start. */
export interface SystemResponse {
  readonly version: string;
  /** Unix milliseconds. */
  readonly startedAtMillis: number;
  readonly status: PartStatus;
  /** Why, when `status` is not `StatusOK`. */
  readonly reason?: string;
  /** What somebody should look at, though nothing waits for it. */
  readonly warnings: readonly string[];
  readonly receivers: SystemPart & {
    readonly spans: SignalCounts;
    readonly logs: SignalCounts;
    /** Requests refused before it was known what was in them, by reason. */
    readonly refusedRequests: CountsByReason;
    readonly bytesInFlight: number;
    /** Requests that wait to be decoded. */
    readonly decodeQueue: number;
  };
  readonly spool: SystemPart & {
    /** Acknowledged and not yet in the tables. */
    readonly bytes: number;
    readonly maxBytes: number;
    readonly segments: number;
    readonly oldestAgeMillis: number;
    /** Requests that wait for a write. */
    readonly waitingRequests: number;
    /** Of a group of requests: write and sync. */
    readonly commits: DurationSummary;
    /** Rows that can't be stored or read. */
    readonly quarantined: {
      readonly segments: number;
      /** Of the segments where it is known. */
      readonly rows: number;
      /** The newest of them, at most 100, oldest first. */
      readonly listed: readonly {
        readonly name: string;
        /** Absence: nobody knows. */
        readonly rowCount?: number;
        readonly reason: string;
      }[];
    };
  };
  readonly engine: SystemPart & {
    readonly kind: string;
    readonly restarts: number;
    readonly insertedRows: number;
    /** Of a segment: insert and proof. */
    readonly inserts: DurationSummary;
    /** By route, most often asked first. */
    readonly queries: readonly (DurationSummary & { readonly route: string })[];
  };
  readonly process: {
    readonly residentBytes: number;
    /** Of user and system together. */
    readonly cpuSeconds: number;
    /** How late timers were of late. */
    readonly eventLoopDelayMillis: { readonly p50: number; readonly p99: number };
  };
}

export interface SystemPart {
  readonly status: PartStatus;
  readonly reason?: string;
}

/** Of spans, or of log records: received = accepted + repeated + rejected + refused. */
export interface SignalCounts {
  readonly received: number;
  readonly accepted: number;
  /** Sent again, stored before. */
  readonly repeated: number;
  /** Not to be sent again. */
  readonly rejected: CountsByReason;
  /** To be sent again. */
  readonly refused: CountsByReason;
}

export type CountsByReason = Readonly<Record<string, number>>;

/** Percentiles are read from buckets, so they are good to a factor of about two. */
export interface DurationSummary {
  readonly count: number;
  readonly meanMillis: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
}

/**
 * GET /api/v1/calls: who called whom, in traces that began in the window. Query: `start`, `end` (Unix milliseconds) or
 * `lookback` (default 1 h). By caller, then callee. Some seconds behind what is stored; traces that get spans later are
 * counted anew.
 */
export interface CallsResponse {
  readonly startMillis: number;
  readonly endMillis: number;
  readonly calls: readonly {
    readonly caller: string;
    readonly callee: string;
    /** True: through a queue or topic. */
    readonly isMessage: boolean;
    readonly callCount: number;
    readonly errorCount: number;
    readonly callsPerSecond: number;
    /** Of the callee's spans. */
    readonly meanNanos: number;
    readonly p50Nanos: number;
    readonly p95Nanos: number;
    readonly p99Nanos: number;
  }[];
}

/**
 * GET /api/v1/usage: calls of models and their tokens, by calling service and model, and what agents used. Each call
 * once, though a caller and a proxy both report it. Query and freshness as of /api/v1/calls.
 */
export interface UsageResponse {
  readonly startMillis: number;
  readonly endMillis: number;
  readonly models: readonly {
    readonly service: string;
    /** Empty where nobody named it. */
    readonly model: string;
    readonly callCount: number;
    readonly errorCount: number;
    readonly totalNanos: number;
    /** -1: nobody told. */
    readonly inputTokens: number;
    readonly outputTokens: number;
  }[];
  readonly agents: readonly {
    /** Empty: no agent was around. */
    readonly agent: string;
    /** `agent:planner`, `tool:search`, `model:gpt-4o`, `retrieval:…` */
    readonly used: string;
    readonly callCount: number;
    readonly errorCount: number;
    readonly totalNanos: number;
  }[];
}

/** Body of every error of /api/v1, a problem document: `application/problem+json` (RFC 9457). */
export interface ProblemDocument {
  /** `urn:spanwise:error:` and the code. */
  readonly type: string;
  /** The same for all errors of this type. */
  readonly title: string;
  readonly status: number;
  /** For people: what happened here and what to do. */
  readonly detail: string;
  /** Permanent name, for programs: docs/errors.md lists them. */
  readonly code: string;
  /** The parameter at fault. */
  readonly parameter?: string;
  /** Of a filter or field: where in it. */
  readonly position?: TextPositionDto;
  /** What was probably meant there. */
  readonly didYouMean?: string;
}
