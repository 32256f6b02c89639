import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TraceId } from '@spanwise/model';
import { EngineError, type Logger, type Segment, type Signal } from '@spanwise/store';
import { DrainRate } from './drain-rate.ts';
import { type ClosedSegment, type OpenFile, OpenSegment } from './open-segment.ts';
import { recoverSpool, requestKey } from './recover.ts';
import { RequestMemory } from './request-memory.ts';
import { SegmentStore } from './segment-store.ts';
import { Sequence } from './sequence.ts';
import { SpoolFullError } from './spool-full-error.ts';

/** Encoded rows of one accepted request. */
export interface SpoolBatch {
  readonly signal: Signal;
  /** RowBinary, as `structureOf(signal)` says. The spool writes `ingest_seq` and `row` into it. */
  readonly rows: Uint8Array;
  /** Where each row starts in `rows`. */
  readonly rowOffsets: Uint32Array;
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
  /** Segments get numbers above this one: `Store.lastIngestSeq`, for a folder that lost its own memory. */
  readonly ingestSeqAfter?: bigint;
  /** The disk: for tests of one that fails. */
  readonly openFile?: OpenFile;
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

/** Retries of a segment that the engine could not take just now. */
const backOffMillis = { first: 100, most: 5_000 } as const;
/** Share of the bytes above which senders are told to wait: what is in flight must still find room. */
const fullShare = 0.8;
/** One group: large enough to pay for its sync, small enough that those who wait behind it don't wait long. */
const groupBytes = 32 * 1024 * 1024;
/**
 * Between two segments that were closed for their age. Each costs the engine a part in every table and its later
 * merges: at five a second a fifth of a core goes there, at one and a half a tenth (measured, 100 spans a second).
 */
const spacingMillis = 600;
/** How long `close` waits for the segment that is being written; it is replayed otherwise. */
const closeMillis = 2_000;

/**
 * Opens the spool: cuts torn tails, and starts to store what an earlier process left, while new rows come in.
 * Errors: whatever the disk says.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const files = new SegmentStore(options.directory);
  await files.createFolders();
  const recovered = await recoverSpool(options.directory, files.quarantineDirectory);
  await files.readQuarantine();
  const after = options.ingestSeqAfter ?? 0n;
  const sequence = await Sequence.open(
    options.directory,
    recovered.lastSeq > after ? recovered.lastSeq : after,
  );
  const memory = new RequestMemory(options.limits.requestMemoryMillis, options.limits.requestMemoryEntries);
  for (const { key, atMillis } of recovered.requests.toSorted((a, b) => a.atMillis - b.atMillis)) {
    memory.add(key, atMillis);
  }
  for (const { name, newestMillis } of recovered.stored) files.keepRemembering(name, newestMillis);
  const spool = new DiskSpool(options, files, sequence, memory);
  spool.replay(recovered.segments);
  return spool;
}

interface Waiting {
  readonly batch: SpoolBatch;
  readonly resolve: (outcome: 'stored') => void;
  readonly reject: (error: Error) => void;
}

class DiskSpool implements Spool {
  readonly #options: SpoolOptions;
  readonly #limits: SpoolLimits;
  readonly #clock: () => number;
  readonly #files: SegmentStore;
  readonly #sequence: Sequence;
  readonly #memory: RequestMemory;
  readonly #drainRate = new DrainRate();
  readonly #stopping = new AbortController();
  #released = false;

  /** Appends by request, from arrival to acknowledgement. */
  readonly #inFlight = new Map<string, Promise<'stored'>>();
  #waiting: Waiting[] = [];
  #committing: Promise<void> | undefined;
  readonly #open = new Map<Signal, OpenSegment>();
  #ageTimer: NodeJS.Timeout | undefined;

  /** `performance.now` of the last time that segments were closed for their age. */
  #closedForAgeAt = Number.NEGATIVE_INFINITY;

  readonly #closed: ClosedSegment[] = [];
  #writing: Promise<void> | undefined;
  /** Wakes those who wait for an empty spool. */
  #idleWaiters: (() => void)[] = [];

  /** Rows in memory and on disk that are not stored yet, quarantine aside. */
  #bytes = 0;
  #storedRows = 0;
  #repeated = 0;
  #refused = 0;
  /** Why the last write to the disk, or the last try to store, failed. */
  #diskFailure: string | undefined;
  #engineFailure: string | undefined;

  constructor(options: SpoolOptions, files: SegmentStore, sequence: Sequence, memory: RequestMemory) {
    this.#options = options;
    this.#limits = options.limits;
    this.#clock = options.clock ?? Date.now;
    this.#files = files;
    this.#sequence = sequence;
    this.#memory = memory;
  }

  replay(segments: readonly ClosedSegment[]): void {
    for (const segment of segments) {
      this.#bytes += segment.bytes;
      this.#closed.push(segment);
    }
    this.#startWriting();
  }

  async append(batch: SpoolBatch): Promise<'stored' | 'repeated'> {
    const key = requestKey(batch.requestHash);
    const first = this.#inFlight.get(key);
    if (first !== undefined) {
      // Should the first fail, its error is the answer to this one too: the sender comes again.
      await first.catch((error: unknown) => {
        this.#refused += 1;
        throw error;
      });
      this.#repeated += 1;
      return 'repeated';
    }
    if (this.#memory.has(key, this.#clock())) {
      this.#repeated += 1;
      return 'repeated';
    }
    const refusal = this.#refusalOf(batch);
    if (refusal !== undefined) {
      this.#refused += 1;
      throw refusal;
    }
    this.#bytes += batch.rows.length;
    const kept = new Promise<'stored'>((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
    });
    this.#inFlight.set(key, kept);
    this.#startCommitting();
    try {
      return await kept;
    } catch (error) {
      this.#refused += 1;
      throw error;
    } finally {
      this.#inFlight.delete(key);
    }
  }

  #refusalOf({ rows }: SpoolBatch): SpoolFullError | undefined {
    if (this.#stopping.signal.aborted) return new SpoolFullError('the server is stopping', 1_000);
    const after = this.#bytes + rows.length;
    const threshold = this.#limits.maxBytes * fullShare;
    if (this.#bytes <= threshold && after <= this.#limits.maxBytes) return undefined;
    const tooMuch = Math.max(this.#bytes - threshold, after - this.#limits.maxBytes);
    return new SpoolFullError('the spool is full', this.#drainRate.millisFor(tooMuch));
  }

  #startCommitting(): void {
    this.#committing ??= this.#commitWaiting().finally(() => {
      this.#committing = undefined;
      // What came between the last look and now.
      if (this.#waiting.length > 0) this.#startCommitting();
    });
  }

  /** Everything that came in while the last group was syncing is the next group. */
  async #commitWaiting(): Promise<void> {
    // Appends of the same turn of the event loop share the first group.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      await Promise.all(
        (['spans', 'logs'] as const).map((signal) =>
          this.#commit(
            signal,
            group.filter(({ batch }) => batch.signal === signal),
          ),
        ),
      );
      await this.#closeDue();
    }
  }

  #takeGroup(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { batch } of this.#waiting) {
      if (count > 0 && bytes + batch.rows.length > groupBytes) break;
      bytes += batch.rows.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(signal: Signal, group: readonly Waiting[]): Promise<void> {
    if (group.length === 0) return;
    const now = this.#clock();
    try {
      let segment = this.#open.get(signal);
      if (segment === undefined) {
        segment = await OpenSegment.create(
          this.#options.directory,
          signal,
          await this.#sequence.take(),
          this.#options.openFile ?? open,
        );
        this.#open.set(signal, segment);
      }
      await segment.commit(
        group.map(({ batch }) => batch),
        now,
      );
    } catch (error) {
      await this.#refuse(signal, group, error);
      return;
    }
    this.#diskFailure = undefined;
    for (const { batch, resolve } of group) {
      this.#memory.add(requestKey(batch.requestHash), now);
      resolve('stored');
    }
    this.#startAgeTimer();
  }

  /** The disk did not take the group: nobody is acknowledged, and the segment ends where it was. */
  async #refuse(signal: Signal, group: readonly Waiting[], error: unknown): Promise<void> {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    this.#diskFailure = `the disk does not take what it is given (${code})`;
    this.#options.logger?.error({ err: error }, 'the spool could not be written; senders are told to wait');
    await this.#close(signal, true);
    for (const { batch, reject } of group) {
      this.#bytes -= batch.rows.length;
      reject(new SpoolFullError(this.#diskFailure, this.#drainRate.millisFor(this.#bytes), error));
    }
  }

  #startAgeTimer(): void {
    if (this.#ageTimer !== undefined || this.#open.size === 0) return;
    this.#ageTimer = setTimeout(() => {
      this.#ageTimer = undefined;
      this.#rotate();
    }, this.#limits.segmentMaxAgeMillis);
  }

  /** Closes what is due, now or right after the group that is being written. */
  #rotate(): void {
    if (this.#committing === undefined) {
      this.#committing = this.#closeDue().finally(() => {
        this.#committing = undefined;
        if (this.#waiting.length > 0) this.#startCommitting();
      });
    }
    this.#startAgeTimer();
  }

  /** While the engine is busy, segments grow: fewer and larger inserts are what it needs then. */
  async #closeDue(): Promise<void> {
    const now = this.#clock();
    const sinceLast = performance.now() - this.#closedForAgeAt;
    const engineIdle = this.#writing === undefined && sinceLast >= spacingMillis;
    for (const segment of [...this.#open.values()]) {
      if (segment.rowCount === 0) continue;
      const age = now - segment.sinceMillis;
      // A clock that was set back must not keep rows from being stored.
      const old = age >= this.#limits.segmentMaxAgeMillis || age < 0;
      const large =
        segment.bytes >= this.#limits.segmentMaxBytes || segment.rowCount >= this.#limits.segmentMaxRows;
      if (large || (old && engineIdle)) await this.#close(segment.signal, false);
      if (old && engineIdle) this.#closedForAgeAt = performance.now();
    }
  }

  async #close(signal: Signal, failed: boolean): Promise<void> {
    const segment = this.#open.get(signal);
    if (segment === undefined) return;
    this.#open.delete(signal);
    const closed = await segment.close(failed);
    if (closed.rowCount === 0 && !failed) return;
    this.#closed.push(closed);
    this.#startWriting();
  }

  #startWriting(): void {
    if (this.#writing !== undefined || this.#closed.length === 0) return;
    this.#writing = this.#writeClosed().finally(() => {
      this.#writing = undefined;
      if (this.#stopping.signal.aborted) return;
      if (this.#closed.length > 0) this.#startWriting();
      else {
        this.#rotate();
        for (const wake of this.#idleWaiters.splice(0)) wake();
      }
    });
  }

  async #writeClosed(): Promise<void> {
    let wait: number = backOffMillis.first;
    while (this.#closed.length > 0 && !this.#stopping.signal.aborted) {
      const segment = this.#closed[0]!;
      try {
        await this.#write(segment);
        this.#engineFailure = undefined;
        wait = backOffMillis.first;
        this.#closed.shift();
        this.#bytes -= segment.bytes;
      } catch (error) {
        this.#engineFailure = error instanceof Error ? error.message : String(error);
        this.#options.logger?.warn({ err: error, segment: segment.name }, 'a segment is not stored yet');
        await sleep(wait, undefined, { signal: this.#stopping.signal }).catch(() => {});
        wait = Math.min(wait * 2, backOffMillis.most);
      }
    }
  }

  /** Stores the segment or sets it aside. Errors: what time cures. */
  async #write(segment: ClosedSegment): Promise<void> {
    await this.#files.cut(segment);
    if (segment.rowCount === 0) return;
    const startedAt = performance.now();
    try {
      await this.#options.write(this.#files.toSegment(segment));
    } catch (error) {
      if (!(error instanceof EngineError) || error.retryable) throw error;
      await this.#files.setAside(segment, error.message);
      this.#options.logger?.error({ err: error, segment: segment.name }, 'a segment was set aside');
      return;
    }
    // The folder belongs to somebody else now, who writes the segment again and finds its rows stored.
    if (this.#released) return;
    this.#drainRate.add(segment.bytes, performance.now() - startedAt);
    const now = this.#clock();
    await this.#files.removeData(segment, now);
    await this.#files.forgetBefore(now - this.#limits.requestMemoryMillis);
    this.#storedRows += segment.rowCount;
    const { ingestSeq, signal, rowCount, traceIds, traceIdsTruncated } = segment;
    this.#options.onStored?.({ ingestSeq, signal, rowCount, traceIds, truncated: traceIdsTruncated });
  }

  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#committing !== undefined) await this.#committing;
    this.#committing = this.#closeAll().finally(() => {
      this.#committing = undefined;
      if (this.#waiting.length > 0) this.#startCommitting();
    });
    await this.#committing;
    if (this.#writing === undefined && this.#closed.length === 0) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  async #closeAll(): Promise<void> {
    for (const signal of [...this.#open.keys()]) await this.#close(signal, false);
  }

  status(): SpoolStatus {
    const reason = this.#diskFailure ?? this.#engineFailure;
    const since = [...this.#closed, ...this.#open.values()]
      .filter(({ rowCount }) => rowCount > 0)
      .map(({ sinceMillis }) => sinceMillis);
    return {
      state: this.#state(),
      ...(reason === undefined ? {} : { reason }),
      bytes: this.#bytes,
      segments: since.length,
      oldestAgeMillis: since.length === 0 ? 0 : Math.max(0, this.#clock() - Math.min(...since)),
      storedRows: this.#storedRows,
      repeatedRequests: this.#repeated,
      refusedRequests: this.#refused,
      quarantined: this.#files.quarantined,
    };
  }

  #state(): SpoolStatus['state'] {
    if (this.#stopping.signal.aborted) return 'closed';
    if (this.#diskFailure !== undefined) return 'failing';
    if (this.#bytes > this.#limits.maxBytes * fullShare) return 'full';
    return this.#engineFailure === undefined ? 'ready' : 'waiting';
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#ageTimer);
    while (this.#waiting.length > 0 || this.#committing !== undefined) await this.#committing;
    clearTimeout(this.#ageTimer);
    for (const segment of this.#open.values()) await segment.close(false);
    this.#open.clear();
    await Promise.race([this.#writing, sleep(closeMillis, undefined, { ref: false })]);
    this.#released = true;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}
