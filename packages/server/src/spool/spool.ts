import type { TraceId } from '@spanwise/model';
import type { Logger, Segment, Signal } from '@spanwise/store';

/** Encoded rows of one accepted request. */
export interface SpoolBatch {
  readonly signal: Signal;
  /** RowBinary, as `structureOf(signal)` says. The spool writes `ingest_seq` and `row` into it. */
  readonly rows: Uint8Array;
  /** Where each row starts in `rows`. At least `rowCount` entries. */
  readonly rowOffsets: ArrayLike<number>;
  readonly rowCount: number;
  /** Hash of tenant, signal and decompressed request; recognises a repeat. */
  readonly requestHash: Uint8Array;
  /** Distinct trace ids of the rows, for `onStored`. */
  readonly traceIds: readonly TraceId[];
}

export interface SpoolLimits {
  /** Bytes on disk, waiting segments together. Above 80 % senders are told to wait. */
  readonly maxBytes: number;
  readonly segmentMaxBytes: number;
  readonly segmentMaxRows: number;
  /** Age of the first row at which a segment is closed while the writer is idle. */
  readonly segmentMaxAgeMillis: number;
  readonly requestMemoryMillis: number;
  readonly requestMemoryEntries: number;
}

export interface StoredSegment {
  readonly ingestSeq: bigint;
  readonly signal: Signal;
  readonly rowCount: number;
  readonly traceIds: readonly TraceId[];
  /** True when `traceIds` was cut. */
  readonly truncated: boolean;
}

export interface SpoolOptions {
  /** Absolute. Owned by this process. Created when it is missing. */
  readonly directory: string;
  readonly limits: SpoolLimits;
  /** Stores a closed segment; `Store.writeSegment`. One call at a time, in order. */
  readonly write: (segment: Segment) => Promise<void>;
  /** After a segment became searchable. */
  readonly onStored?: (segment: StoredSegment) => void;
  /** Unix milliseconds. */
  readonly clock?: () => number;
  readonly logger?: Logger;
}

export interface SpoolStatus {
  readonly state: 'ready' | 'waiting' | 'full' | 'failing' | 'closed';
  /** Why, when `state` is not `ready`. */
  readonly reason?: string;
  /** On disk, not yet stored. */
  readonly bytes: number;
  readonly segments: number;
  readonly oldestAgeMillis: number;
  readonly storedRows: number;
  readonly repeatedRequests: number;
  readonly refusedRequests: number;
  readonly quarantined: readonly { readonly name: string; readonly reason: string }[];
}

export interface Spool {
  /**
   * Resolves when the rows are on disk (fsync): from then on they are never lost. `repeated`: a request with this
   * hash was acknowledged before, and nothing was written.
   * Errors: `SpoolFullError`; nothing of the batch is kept then.
   */
  append(batch: SpoolBatch): Promise<'stored' | 'repeated'>;
  /** Closes the open segments and resolves when everything appended before is stored (or set aside). */
  flush(): Promise<void>;
  status(): SpoolStatus;
  /** Stops. What is not stored yet stays on disk and is replayed by the next start. Idempotent. */
  close(): Promise<void>;
}

export async function openSpool(_options: SpoolOptions): Promise<Spool> {
  throw new Error('not built yet');
}
