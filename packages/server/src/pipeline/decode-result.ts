import type { CatalogueEntry, InstrumentationNote, Signal } from '@spanwise/store/rows';

/** What happens to prompts, answers and other content. */
export type ContentMode = 'none' | 'strict' | 'hash' | 'full';

export interface DecodeRequest {
  readonly signal: Signal;
  /** `zipkin`: a list of v2 spans as JSON. The others are OTLP's. */
  readonly encoding: 'protobuf' | 'json' | 'zipkin';
  /** Uncompressed. Its memory goes to the worker: the caller can't read it afterwards. */
  readonly body: Uint8Array;
  readonly tenant: number;
  /** Unix milliseconds. The accepted time window is counted from here. */
  readonly receivedAtMillis: number;
}

export interface DecodedRows {
  readonly kind: 'rows';
  /** RowBinary of `columnsOf[signal]`, with `ingest_seq` and `row` still zero: see `patchRows`. */
  readonly rows: Uint8Array;
  /** Where each row starts in `rows`. */
  readonly rowOffsets: Uint32Array;
  readonly rowCount: number;
  /** Spans or records in the request: `rowCount + rejected`. */
  readonly received: number;
  readonly rejected: number;
  /** Rejected by reason: see `rejectReasons`. */
  readonly reasons: Readonly<Record<string, number>>;
  /** For `partial_success.error_message`; present when something was rejected. Quotes no value. */
  readonly message?: string;
  /** Of tenant, signal and body, hex: the same request gives the same hash. */
  readonly requestHash: string;
  /** Distinct, in order of arrival, at most `limits.traceIdsPerRequest`. */
  readonly traceIds: readonly string[];
  readonly traceIdsTruncated: boolean;
  /** What was cleaned up, reduced or left out: see `limits` and `cleanUps`. Zero counts are left out. */
  readonly counters: Readonly<Record<string, number>>;
  /** Values dropped or reduced by the gate, by `service.name`: shows which SDK sends content. */
  readonly contentDroppedByService: Readonly<Record<string, number>>;
  /** What is wrong with how it was sent. */
  readonly notes: readonly InstrumentationNote[];
  /** Attributes for the catalogue that this worker had not met before. */
  readonly unseen: readonly CatalogueEntry[];
}

/** The sender's fault: 400 or INVALID_ARGUMENT, not to be sent again. The message quotes no value. */
export interface DecodeInvalid {
  readonly kind: 'invalid';
  /** google.rpc.Code. */
  readonly code: number;
  readonly message: string;
}

/** Nothing wrong with the request: 503 or UNAVAILABLE, to be sent again. */
export interface DecodeUnavailable {
  readonly kind: 'unavailable';
  readonly reason: 'decode_queue_full' | 'decode_worker_crashed' | 'closed';
  readonly message: string;
}

export type DecodeResult = DecodedRows | DecodeInvalid | DecodeUnavailable;

export const rejectReasons = [
  'trace_id_invalid',
  'span_id_invalid',
  'time_out_of_range',
  'row_too_large',
  'rows_too_large',
] as const;
export type RejectReason = (typeof rejectReasons)[number];
