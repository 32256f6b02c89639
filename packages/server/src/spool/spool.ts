import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TraceId } from '@spanwise/model';
import type { Logger, SegmentWriter, Signal } from '@spanwise/store';
import { Committer } from './committer.ts';
import { DiskSpace, type MeasureDisk, measureDisk } from './disk-space.ts';
import { Drain } from './drain.ts';
import type { FsyncPolicy } from './fsync-policy.ts';
import type { ClosedSegment, OpenFile } from './open-segment.ts';
import type { QuarantineTotals } from './quarantine.ts';
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
  /** Of the disk, kept free. */
  readonly diskReserveBytes: number;
  readonly segmentMaxBytes: number;
  readonly segmentMaxRows: number;
  /** Age of the first row at which a segment is closed while the writer is idle. */
  readonly segmentMaxAgeMillis: number;
  /** Written and synced together. */
  readonly groupBytes: number;
  /** Between two syncs under the policy `interval`. */
  readonly fsyncMillis: number;
  readonly traceIdsPerSegment: number;
  /** Tries to find the bad rows of a segment that was refused. */
  readonly divideTries: number;
  /** Segments with bad rows that a status names; the others are only counted. */
  readonly quarantineListed: number;
  readonly requestMemoryMillis: number;
  readonly requestMemoryEntries: number;
}

/** What the spool reports while it works. */
export interface SpoolMetrics {
  /** A group became durable. `millis`: its write and sync. */
  committed(signal: Signal, requests: number, millis: number): void;
  /** A segment was stored and proved. */
  inserted(signal: Signal, rows: number, millis: number): void;
  quarantined(signal: Signal, rows: number): void;
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
  /** Default: `always`. */
  readonly fsync?: FsyncPolicy;
  /** Stores closed segments. One call at a time, in order. */
  readonly writer: SegmentWriter;
  readonly metrics?: SpoolMetrics;
  /** After a segment became searchable. */
  readonly onStored?: (segment: StoredSegment) => void;
  /** Unix milliseconds. */
  readonly clock?: () => number;
  readonly logger?: Logger;
  /** Segments get numbers above this one: `Store.lastIngestSeq`, for a folder that lost its own memory. */
  readonly ingestSeqAfter?: bigint;
  /** The disk: for tests of one that fails, or is full. */
  readonly openFile?: OpenFile;
  readonly measureDisk?: MeasureDisk;
}

export interface SpoolStatus {
  readonly state: 'ready' | 'waiting' | 'full' | 'failing' | 'closed';
  /** Why, when `state` is not `ready`. */
  readonly reason?: string;
  /** On disk, not yet stored. */
  readonly bytes: number;
  readonly segments: number;
  readonly oldestAgeMillis: number;
  /** Not on disk yet. */
  readonly waitingRequests: number;
  readonly storedRows: number;
  readonly repeatedRequests: number;
  readonly refusedRequests: number;
  readonly quarantined: QuarantineTotals;
}

export interface Spool {
  /**
   * Resolves when the rows are on disk (fsync, under the policy `always`): from then on they are never lost. `repeated`: a request with this
   * hash was acknowledged before, and nothing was written.
   * Errors: `SpoolFullError`; nothing of the batch is kept then.
   */
  append(batch: SpoolBatch): Promise<'stored' | 'repeated'>;
  /** Closes the open segments and resolves when everything appended before is stored (or set aside). */
  flush(): Promise<void>;
  /** Runs `work` while no segment is on its way into the tables, and none leaves. Rows go on being appended. */
  whileResting<Result>(work: () => Promise<Result>): Promise<Result>;
  /** As `purge` of the quarantine. */
  purgeQuarantine(holding: Uint8Array, isDryRun: boolean): Promise<number>;
  status(): SpoolStatus;
  /** Stops. What is not stored yet stays on disk and is replayed by the next start. Idempotent. */
  close(): Promise<void>;
}

/** Share of the bytes above which senders are told to wait: what is in flight must still find room. */
const fullShare = 0.8;
/** While the disk fails and nobody sends, it is tried anyway: health must tell when the cause has gone. */
const probeMillis = 250;
/** A sender that comes again too early costs little; one that comes too late loses what it can't keep. */
const failingRetryMillis = 5_000;

/**
 * Opens the spool: cuts torn tails, and starts to store what an earlier process left, while new rows come in.
 * Errors: whatever the disk says; `Error` when the folder was written by a newer version.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { directory, limits } = options;
  const files = new SegmentStore(directory, limits.quarantineListed);
  await files.quarantine.createFolder();
  const recovered = await recoverSpool(directory, files.quarantine);
  await files.quarantine.read();
  const after = options.ingestSeqAfter ?? 0n;
  const sequence = await Sequence.open(directory, recovered.lastSeq > after ? recovered.lastSeq : after);
  const memory = new RequestMemory(limits.requestMemoryMillis, limits.requestMemoryEntries);
  for (const { key, atMillis } of recovered.requests.toSorted((a, b) => a.atMillis - b.atMillis)) {
    memory.add(key, atMillis);
  }
  for (const { name, newestMillis } of recovered.stored) files.keepRemembering(name, newestMillis);
  const disk = new DiskSpace(directory, limits.diskReserveBytes, options.measureDisk ?? measureDisk);
  await disk.look();
  const spool = new DiskSpool(options, { files, sequence, memory, disk });
  spool.replay(recovered.segments);
  return spool;
}

interface Parts {
  readonly files: SegmentStore;
  readonly sequence: Sequence;
  readonly memory: RequestMemory;
  readonly disk: DiskSpace;
}

class DiskSpool implements Spool {
  readonly #directory: string;
  readonly #limits: SpoolLimits;
  readonly #clock: () => number;
  readonly #openFile: OpenFile;
  readonly #files: SegmentStore;
  readonly #memory: RequestMemory;
  readonly #disk: DiskSpace;
  readonly #committer: Committer;
  readonly #drain: Drain;
  #isStopping = false;

  /** Appends by request, from arrival to acknowledgement. */
  readonly #inFlight = new Map<string, Promise<unknown>>();
  /** Rows in memory and on disk that are not stored yet, quarantine aside. */
  #bytes = 0;
  #repeated = 0;
  #refused = 0;
  /** Why the last write to the disk failed: its code. */
  #diskFailure: string | undefined;
  #probeTimer: NodeJS.Timeout | undefined;

  constructor(options: SpoolOptions, { files, sequence, memory, disk }: Parts) {
    const { directory, limits, writer, logger, metrics, clock = Date.now, openFile = open } = options;
    this.#directory = directory;
    this.#limits = limits;
    this.#clock = clock;
    this.#openFile = openFile;
    this.#files = files;
    this.#memory = memory;
    this.#disk = disk;
    this.#drain = new Drain({
      files,
      writer,
      limits,
      clock,
      logger,
      metrics,
      onStored: options.onStored,
      onGone: (segment) => {
        this.#bytes -= segment.bytes;
      },
      onIdle: () => this.#committer.rotate(),
    });
    this.#committer = new Committer({
      directory,
      limits,
      fsync: options.fsync ?? 'always',
      openFile,
      sequence,
      clock,
      logger,
      metrics,
      isEngineIdle: () => this.#drain.isIdle,
      onClosed: (segment) => this.#drain.add(segment),
      onDisk: (errorCode) => this.#setDiskFailure(errorCode),
    });
  }

  replay(segments: readonly ClosedSegment[]): void {
    for (const segment of segments) this.#bytes += segment.bytes;
    this.#drain.replay(segments);
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
    const kept = this.#keep(key, batch);
    this.#inFlight.set(key, kept);
    try {
      await kept;
      return 'stored';
    } catch (error) {
      this.#refused += 1;
      throw error;
    } finally {
      this.#inFlight.delete(key);
    }
  }

  async #keep(key: string, batch: SpoolBatch): Promise<void> {
    this.#bytes += batch.rows.length;
    try {
      this.#memory.add(key, await this.#committer.append(batch));
    } catch (error) {
      this.#bytes -= batch.rows.length;
      throw new SpoolFullError('disk_failing', this.#diskReason(), failingRetryMillis, error);
    }
  }

  #refusalOf({ rows }: SpoolBatch): SpoolFullError | undefined {
    if (this.#isStopping) return new SpoolFullError('stopping', 'the server is stopping', 1_000);
    const after = this.#bytes + rows.length;
    const threshold = this.#limits.maxBytes * fullShare;
    if (this.#bytes > threshold || after > this.#limits.maxBytes) {
      const tooMuch = Math.max(this.#bytes - threshold, after - this.#limits.maxBytes);
      return new SpoolFullError('spool_full', 'the spool is full', this.#drain.millisFor(tooMuch));
    }
    const { room } = this.#disk;
    if (rows.length <= room) return undefined;
    return new SpoolFullError('disk_full', 'the disk is full', this.#drain.millisFor(rows.length - room));
  }

  #diskReason(): string {
    return `the disk does not take what it is given (${this.#diskFailure ?? 'error'})`;
  }

  #setDiskFailure(code: string | undefined): void {
    this.#diskFailure = code;
    if (code === undefined || this.#isStopping) {
      clearTimeout(this.#probeTimer);
      this.#probeTimer = undefined;
    } else {
      this.#probeTimer ??= setTimeout(() => void this.#probe(), probeMillis);
      this.#probeTimer.unref();
    }
  }

  async #probe(): Promise<void> {
    this.#probeTimer = undefined;
    const path = join(this.#directory, 'probe');
    try {
      const file = await this.#openFile(path, 'w', 0o600);
      try {
        await file.writev([Buffer.alloc(4_096)], 0);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rm(path, { force: true });
      this.#setDiskFailure(undefined);
    } catch (error) {
      this.#setDiskFailure((error as NodeJS.ErrnoException).code ?? 'error');
    }
  }

  whileResting<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#drain.whileResting(work);
  }

  purgeQuarantine(holding: Uint8Array, isDryRun: boolean): Promise<number> {
    return this.#files.quarantine.purge(holding, isDryRun);
  }

  async flush(): Promise<void> {
    await this.#committer.closeAll();
    await this.#drain.untilIdle();
  }

  status(): SpoolStatus {
    const segments = [...this.#drain.pending, ...this.#committer.open].filter(({ rowCount }) => rowCount > 0);
    const oldest = segments.reduce((least, { sinceMillis }) => Math.min(least, sinceMillis), Infinity);
    const { state, reason } = this.#state();
    return {
      state,
      ...(reason === undefined ? {} : { reason }),
      bytes: this.#bytes,
      segments: segments.length,
      oldestAgeMillis: segments.length === 0 ? 0 : Math.max(0, this.#clock() - oldest),
      waitingRequests: this.#committer.waitingCount,
      storedRows: this.#drain.storedRows,
      repeatedRequests: this.#repeated,
      refusedRequests: this.#refused,
      quarantined: this.#files.quarantine.totals,
    };
  }

  #state(): Pick<SpoolStatus, 'state' | 'reason'> {
    if (this.#isStopping) return { state: 'closed' };
    if (this.#diskFailure !== undefined) return { state: 'failing', reason: this.#diskReason() };
    if (this.#disk.room <= 0) return { state: 'full', reason: 'the disk is full' };
    const { failure } = this.#drain;
    if (this.#bytes > this.#limits.maxBytes * fullShare) {
      return { state: 'full', reason: failure ?? 'senders are faster than storage' };
    }
    return failure === undefined ? { state: 'ready' } : { state: 'waiting', reason: failure };
  }

  async close(): Promise<void> {
    this.#isStopping = true;
    this.#setDiskFailure(undefined);
    this.#drain.stop();
    await this.#committer.close();
    await this.#drain.close();
  }
}
