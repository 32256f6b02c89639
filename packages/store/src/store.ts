import type { Filter } from '@spanwise/filter';
import type {
  AttributeType,
  LogRecord,
  Span,
  SpanId,
  Trace,
  TraceColumns,
  TraceId,
  UnixNano,
} from '@spanwise/model';
import type { CheckOptions, DerivedCheck } from './maintenance/check-derived.ts';
import type { PurgeOptions, PurgeTarget } from './maintenance/purge.ts';
import type { SpanSearch } from './reader/search/search.ts';
import type { AttributeLevel, CatalogueEntry } from './rows/catalogue-entry.ts';
import type { InstrumentationNote } from './rows/instrumentation-note.ts';
import type { Signal } from './schema/columns.ts';
import type { SettleStore } from './settle/settle-store.ts';

export interface TraceGroup {
  readonly ids: readonly TraceId[];
  /**
   * Its traces; those without spans are left out. Absence: undefined when they have so many spans that each should
   * be read by itself.
   */
  read(): Promise<ReadonlyMap<TraceId, Trace> | undefined>;
}

/** Reads. Every method answers for one tenant; 0 is the default tenant. */
export interface TraceReader extends SpanSearch {
  /**
   * In the order in which they were first heard of, ties by name; only those with spans within retention. A new
   * service never moves another one's place.
   */
  services(tenant: number): Promise<readonly string[]>;
  /** By name, then kind. */
  operations(tenant: number, service: string, kind?: number): Promise<readonly Operation[]>;
  /**
   * Newest first by the start of the earliest matching span; ties by trace id. A trace matches when one single
   * span satisfies all conditions; the summary speaks of the whole trace, also of spans outside the window.
   */
  findTraces(tenant: number, query: TraceQuery): Promise<readonly TraceSummary[]>;
  /** Ids only, same order and meaning: for callers that then read whole traces. */
  findTraceIds(tenant: number, query: TraceQuery): Promise<readonly TraceId[]>;
  summaries(tenant: number, traceIds: readonly TraceId[]): Promise<readonly TraceSummary[]>;
  /** Of the archive where retention has dropped it. Absence: undefined when no span has this id. */
  trace(tenant: number, id: TraceId): Promise<Trace | undefined>;
  /** Each id once, in groups that can be read together. Cost: one short statement. */
  traceGroups(tenant: number, ids: readonly TraceId[]): Promise<readonly TraceGroup[]>;
  traceColumns(tenant: number, id: TraceId): Promise<TraceColumns | undefined>;
  /** Whole spans by id, at most 1,000 ids a call; spans that share an id all come. */
  spans(tenant: number, id: TraceId, spanIds: readonly SpanId[]): Promise<readonly Span[]>;
  /** By time. */
  logsOfTrace(tenant: number, id: TraceId, limit: number): Promise<readonly LogRecord[]>;
  /** One page. Ties of time stand in the order in which they were stored. */
  findLogs(tenant: number, query: LogQuery): Promise<readonly PlacedLogRecord[]>;
  /** `errors`: of severity ERROR or FATAL. */
  logCounts(tenant: number, id: TraceId): Promise<{ readonly total: number; readonly errors: number }>;
  /** By service, name, kind, then window; only windows with spans. */
  series(tenant: number, query: SeriesQuery): Promise<readonly SeriesRow[]>;
  /** The slowest spans first, then the newest that failed; of each kind a trace once, at most `limit` of them. */
  exemplars(tenant: number, query: ExemplarQuery): Promise<readonly Exemplar[]>;
  /** Of traces that began in the window and are settled: some seconds behind. By caller, callee. */
  serviceCalls(tenant: number, range: TimeRange): Promise<readonly ServiceCall[]>;
  /** What agents used; settled likewise. By agent, used. */
  agentUses(tenant: number, range: TimeRange): Promise<readonly AgentUse[]>;
  /** Each model call once, though caller and proxy both report it; settled likewise. By service, model. */
  modelUsage(tenant: number, range: TimeRange): Promise<readonly ModelUsage[]>;
  /**
   * What is wrong with how services send: by service, what, most often first. Of whole hours where ingest saw it;
   * of settled traces that began in the range where only a trace tells.
   */
  flaws(tenant: number, range: TimeRange, limit: number): Promise<readonly FoundFlaw[]>;
  /** Attribute keys that came within retention, by key, then level. */
  attributeKeys(tenant: number, query: KeyQuery): Promise<readonly AttributeKey[]>;
  /** Values of a key with few of them, by their text form; none where there are too many, or none is listed. */
  attributeValues(tenant: number, key: string, query: ValueQuery): Promise<readonly string[]>;
  /** Changes whenever a span or log record of the trace is added; undefined when nothing has this id. */
  traceVersion(tenant: number, id: TraceId): Promise<string | undefined>;
  /** The same reader, whose statements are cancelled in the engine when `signal` aborts. */
  until(signal: AbortSignal): TraceReader;
}

export interface Operation {
  readonly name: string;
  readonly kind: number;
}

export interface AttributeCondition {
  /** Without a level: span, resource, scope, event and link attributes all count. */
  readonly level?: 'span' | 'resource' | 'scope' | 'event' | 'link';
  readonly key: string;
  /** Compared with the text form of any type: `3` matches int 3 and double 3. */
  readonly value: string;
}

export interface TraceQuery {
  readonly service?: string;
  /** Span name. */
  readonly operation?: string;
  readonly kind?: number;
  /** True: status error. False: not error. */
  readonly hasError?: boolean;
  readonly attributes?: readonly AttributeCondition[];
  /** Inclusive, of the matching span. */
  readonly durationNanosMin?: number;
  readonly durationNanosMax?: number;
  /** Inclusive, of the matching span's start. */
  readonly startTimeMin?: UnixNano;
  readonly startTimeMax?: UnixNano;
  /** Of one span, besides; neither percentiles nor structure. */
  readonly filter?: Filter;
  readonly limit: number;
}

/** All conditions hold together. */
export interface LogQuery {
  readonly traceId?: TraceId;
  readonly spanId?: SpanId;
  readonly service?: string;
  /** Inclusive. (logs.proto, SeverityNumber.) */
  readonly severityMin?: number;
  /** A part of the body's text form, in any case. */
  readonly text?: string;
  /** Inclusive. */
  readonly timeMin?: UnixNano;
  readonly timeMax?: UnixNano;
  readonly order: 'newest' | 'oldest';
  /** Only what comes after this one in `order`: where the page before ended. */
  readonly after?: LogPlace;
  readonly limit: number;
}

/** Where a record stands among all; no two share it. */
export interface LogPlace {
  readonly timeUnixNano: UnixNano;
  readonly ingestSeq: bigint;
  readonly row: number;
}

export interface PlacedLogRecord {
  readonly record: LogRecord;
  readonly place: LogPlace;
}

export interface TraceSummary {
  readonly traceId: TraceId;
  /** Of the parentless span with the earliest start; absent while the trace has none. */
  readonly rootService?: string;
  readonly rootName?: string;
  readonly startTimeUnixNano: UnixNano;
  /** Earliest start to latest end. */
  readonly durationNanos: number;
  readonly spanCount: number;
  readonly errorCount: number;
  /** Spans whose parent is not in the trace. */
  readonly orphanCount: number;
  /** By name. */
  readonly services: readonly {
    readonly name: string;
    readonly spanCount: number;
    readonly errorCount: number;
  }[];
  /** Of model calls only, so that a parent which repeats its children is not counted twice; -1: unknown. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars of the model calls whose cost is known; -1: of none. */
  readonly cost: number;
  /** Model calls whose cost nobody knows: with some of them, `cost` is the least that it can be. */
  readonly unpricedCalls: number;
  /** Answering models, by name. */
  readonly models: readonly string[];
}

/** Rates and durations of operations, out of the stored series. */
export interface SeriesQuery {
  /** Unix milliseconds. `start` is rounded down to a whole minute, or step, `end` up to a whole minute. */
  readonly startMillis: number;
  readonly endMillis: number;
  /** Of each answered window, a whole number of minutes; absent: one window for the whole time. */
  readonly stepMillis?: number;
  /** Rows at most; absent: all. */
  readonly limit?: number;
  readonly service?: string;
  readonly name?: string;
  readonly kinds?: readonly number[];
  /** One row for each value of these; none: one row for all. */
  readonly by: readonly ('service' | 'name' | 'kind')[];
}

export interface SeriesRow {
  /** Empty, or -1, where the query does not tell them apart. */
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  /** Unix milliseconds. */
  readonly windowMillis: number;
  /** Spans left out by sampling are counted in. */
  readonly spanCount: number;
  readonly errorCount: number;
  readonly totalNanos: number;
  /** By `bucketOfDuration` of @spanwise/model. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** Which spans of a service, by their start. */
export interface ExemplarQuery extends TimeRange {
  readonly service: string;
  readonly name?: string;
  readonly kinds?: readonly number[];
  /** Of each kind of exemplar. */
  readonly limit: number;
}

export interface Exemplar {
  readonly what: 'slow' | 'failed';
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: UnixNano;
  readonly durationNanos: number;
  readonly hasError: boolean;
}

export interface KeyQuery {
  readonly prefix?: string;
  readonly limit: number;
}

export interface ValueQuery {
  /** Absent: of all levels. */
  readonly level?: AttributeLevel;
  readonly prefix?: string;
  readonly limit: number;
}

export interface AttributeKey {
  readonly key: string;
  readonly level: AttributeLevel;
  /** That its values had. */
  readonly types: readonly AttributeType[];
  /** `none`: masked, too long, or of types without lists. */
  readonly values: 'listed' | 'tooMany' | 'none';
}

/** Unix milliseconds; `startMillis` inclusive, `endMillis` exclusive. */
export interface TimeRange {
  readonly startMillis: number;
  readonly endMillis: number;
}

/** Sums over traces; what sampling left out is counted in, so counts may be fractions. */
interface Summed {
  readonly callCount: number;
  readonly errorCount: number;
  readonly totalNanos: number;
}

/** A call is a span whose parent belongs to another service; a message is a consumer that links to its producer. */
export interface ServiceCall extends Summed {
  readonly caller: string;
  readonly callee: string;
  readonly isMessage: boolean;
  /** How long the callee's spans took, by `bucketOfDuration` of @spanwise/model. */
  readonly buckets: ReadonlyMap<number, number>;
}

export interface AgentUse extends Summed {
  /** Name of the agent; empty: no agent was around. */
  readonly agent: string;
  /** `agent:planner`, `tool:search`, `model:gpt-4.1`, `retrieval:…`. */
  readonly used: string;
}

export interface ModelUsage extends Summed {
  /** That called. */
  readonly service: string;
  /** Empty where nobody named it. */
  readonly model: string;
  /** -1: nobody told. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** As of a trace. */
  readonly cost: number;
  readonly unpricedCalls: number;
}

/** Summed over time. */
export interface FoundFlaw extends Pick<InstrumentationNote, 'service' | 'what' | 'detail' | 'count'> {
  /** Unix milliseconds, of those counted: when the first and the last one came, or its trace began. */
  readonly firstMillis: number;
  readonly lastMillis: number;
  /** One that has it. */
  readonly traceId?: TraceId;
}

/** Writes segments that the spool has closed. */
export interface SegmentWriter {
  /**
   * Stores all rows of a segment in every base table, exactly once however often it is called, and proves it by
   * counting. Resolves only then: the caller may delete the segment, or, of a part, go on to the next.
   * Errors: `EngineError`; a retryable one leaves the segment to be written again.
   */
  writeSegment(segment: Segment): Promise<void>;
  /**
   * Ends a segment that was written in parts: takes rows that not every table took out of all of them, and makes
   * the sums anew that the parts left alone. Can be called again.
   */
  finishParts(segment: Pick<Segment, 'signal' | 'ingestSeq'>, without: readonly RowRange[]): Promise<void>;
}

/** Rows of a segment by number, both ends included. */
export interface RowRange {
  readonly firstRow: number;
  readonly lastRow: number;
}

export interface Segment {
  readonly signal: Signal;
  /** `ingest_seq` of all its rows. */
  readonly ingestSeq: bigint;
  /** Absolute path of plain RowBinary. */
  readonly path: string;
  readonly rowCount: number;
  /** The file holds only rows of this range, `rowCount` of them; the others are written, or set aside, apart. */
  readonly part?: RowRange;
  /** True when an earlier try to store it may have got part of the way. */
  readonly isReplay?: boolean;
  /** What the rows were written with. */
  readonly schemaVersion: number;
  readonly structure: string;
}

export interface RetentionPolicy {
  readonly tracesMillis: number;
  readonly logsMillis: number;
  /** Of values kept apart from their spans and records. Absent: as long as these. */
  readonly payloadMillis?: number;
  /** Of all stored parts together. */
  readonly sizeBytes?: number;
  /** Used share of the disk, 0 to 1. */
  readonly diskShare?: number;
}

/** Keeps single traces for ever: retention does not touch them. */
export interface TraceArchive {
  /**
   * Copies what is stored of the trace by now. Again: adds what came since. `withPayload` false leaves out the
   * values kept apart, for whoever has promised to drop them earlier.
   * Gives: false when no span has this id, here or in the archive.
   */
  archiveTrace(tenant: number, id: TraceId, options: { readonly withPayload: boolean }): Promise<boolean>;
}

/** For operators: what is not part of taking in and answering. */
export interface StoreMaintenance {
  /** As `purge` of maintenance/purge.ts: the caller keeps segments from being written meanwhile. */
  purge(target: PurgeTarget, options: PurgeOptions): Promise<void>;
  /** As `checkDerived` of maintenance/check-derived.ts. */
  checkDerived(options?: CheckOptions): AsyncIterable<DerivedCheck>;
}

export interface Store extends TraceReader, TraceArchive, SegmentWriter, SettleStore, StoreMaintenance {
  /**
   * Tells the catalogue of attributes that came at `atMillis`, again and again if need be. `path`: of a file that
   * may be written; it is gone afterwards.
   */
  addToCatalogue(
    tenant: number,
    entries: readonly CatalogueEntry[],
    atMillis: number,
    path: string,
  ): Promise<void>;
  /** Adds what ingest noted, which came about `atMillis`. `path` as above. */
  addNotes(
    tenant: number,
    notes: readonly InstrumentationNote[],
    atMillis: number,
    path: string,
  ): Promise<void>;
  /** Drops whole day partitions that the policy no longer keeps. `now` in Unix milliseconds. */
  applyRetention(policy: RetentionPolicy, now: number): Promise<readonly string[]>;
  /**
   * The highest `ingest_seq` that may have been given; 0 for an empty folder. The spool numbers on from there, so
   * that no two machines that own a server's database one after the other give the same number.
   */
  lastIngestSeq(): Promise<bigint>;
  close(timeoutMillis: number): Promise<void>;
}
