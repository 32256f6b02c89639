import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, type Logger, type Segment, type SegmentWriter } from '@spanwise/store';
import type { CrashMemory } from './crash-memory.ts';
import { type BadRows, divideSegment } from './divide-segment.ts';
import { DrainRate } from './drain-rate.ts';
import type { ClosedSegment } from './open-segment.ts';
import type { SegmentStore } from './segment-store.ts';
import type { SpoolLimits, SpoolMetrics, StoredSegment } from './spool.ts';

export interface DrainOptions {
  readonly files: SegmentStore;
  readonly writer: SegmentWriter;
  readonly limits: SpoolLimits;
  readonly clock: () => number;
  readonly logger: Logger | undefined;
  readonly metrics: SpoolMetrics | undefined;
  readonly onStored: ((segment: StoredSegment) => void) | undefined;
  /** It is in the tables, or set aside, and its data are gone. */
  readonly onGone: (segment: ClosedSegment) => void;
  readonly onIdle: () => void;
}

/** Retries of a segment that the engine could not take just now. */
const backOffMillis = { first: 100, most: 5_000 } as const;
/** How long `close` waits for the segment that is being written; it is replayed otherwise. */
const closeMillis = 2_000;

/** Brings closed segments into the tables, one at a time and in order, however often it takes. */
export class Drain {
  readonly #options: DrainOptions;
  readonly #rate = new DrainRate();
  readonly #stopping = new AbortController();
  readonly #closed: ClosedSegment[] = [];
  /** Left by an earlier process, which may have ended because of one of them. */
  readonly #replayed = new Set<ClosedSegment>();
  #writing: Promise<void> | undefined;
  /** Ends when nobody has the tables to himself. */
  #turn: Promise<unknown> = Promise.resolve();
  #failure: string | undefined;
  #storedRows = 0;
  #released = false;
  /** Wakes those who wait for an empty spool. */
  #idleWaiters: (() => void)[] = [];

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** Segments that wait or are being written. */
  get pending(): readonly ClosedSegment[] {
    return this.#closed;
  }

  get isIdle(): boolean {
    return this.#writing === undefined;
  }

  /** Why the last try to store failed. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get storedRows(): number {
    return this.#storedRows;
  }

  /** How long until this many bytes are stored. */
  millisFor(bytes: number): number {
    return this.#rate.millisFor(bytes);
  }

  add(segment: ClosedSegment): void {
    this.#closed.push(segment);
    this.#start();
  }

  replay(segments: readonly ClosedSegment[]): void {
    for (const segment of segments) this.#replayed.add(segment);
    this.#closed.push(...segments);
    this.#start();
  }

  /** Resolves when nothing waits, or after `close`. */
  async untilIdle(): Promise<void> {
    if (this.#writing === undefined && this.#closed.length === 0) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Runs `work` while no segment is on its way into the tables. */
  whileResting<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#exclusively(work);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async close(): Promise<void> {
    this.stop();
    await Promise.race([this.#writing, sleep(closeMillis, undefined, { ref: false })]);
    this.#released = true;
    this.#wake();
  }

  #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #wake(): void {
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #start(): void {
    if (this.#writing !== undefined || this.#closed.length === 0) return;
    this.#writing = this.#writeClosed().finally(() => {
      this.#writing = undefined;
      if (this.#stopping.signal.aborted) return;
      if (this.#closed.length > 0) this.#start();
      else {
        this.#options.onIdle();
        this.#wake();
      }
    });
  }

  async #writeClosed(): Promise<void> {
    let wait: number = backOffMillis.first;
    while (this.#closed.length > 0 && !this.#stopping.signal.aborted) {
      const segment = this.#closed[0]!;
      try {
        await this.#exclusively(() => this.#write(segment));
        this.#failure = undefined;
        wait = backOffMillis.first;
        this.#closed.shift();
        this.#replayed.delete(segment);
        this.#options.onGone(segment);
      } catch (error) {
        this.#failure = reasonOf(error);
        this.#options.logger?.warn({ err: error, segment: segment.name }, 'a segment is not stored yet');
        await sleep(wait, undefined, { signal: this.#stopping.signal }).catch(() => {});
        // An engine that ended was up until then: it is worth asking soon again.
        const hasEnded = error instanceof EngineError && error.processEnd !== undefined;
        wait = hasEnded ? backOffMillis.first : Math.min(wait * 2, backOffMillis.most);
      }
    }
  }

  /** Stores the segment, but for rows that must be set aside. Errors: what time cures. */
  async #write(segment: ClosedSegment): Promise<void> {
    const { files, clock, limits, metrics } = this.#options;
    await files.cut(segment);
    if (segment.rowCount === 0) return;
    const crashes = await files.crashesOf(segment);
    const startedAt = performance.now();
    const bad = await this.#store(segment, crashes);
    // The folder belongs to somebody else now, who writes the segment again and finds its rows stored.
    if (this.#released) return;
    const millis = performance.now() - startedAt;
    this.#rate.add(segment.bytes, millis);
    const badCount = bad.reduce((sum, { firstRow, lastRow }) => sum + lastRow - firstRow + 1, 0);
    if (badCount > 0) await this.#setAside(segment, bad, badCount);
    const now = clock();
    await crashes.forget();
    await files.removeData(segment, now);
    await files.forgetBefore(now - limits.requestMemoryMillis);
    const rowCount = segment.rowCount - badCount;
    this.#storedRows += rowCount;
    metrics?.inserted(segment.signal, rowCount, millis);
    const { ingestSeq, signal, traceIds, traceIdsTruncated } = segment;
    this.#options.onStored?.({ ingestSeq, signal, rowCount, traceIds, truncated: traceIdsTruncated });
  }

  async #store(closed: ClosedSegment, crashes: CrashMemory): Promise<readonly BadRows[]> {
    const { files, limits, logger, writer } = this.#options;
    const segment = files.toSegment(closed);
    const reason = await this.#storeRows(segment, crashes, this.#replayed.has(closed));
    if (reason === undefined) return [];
    logger?.warn(
      { segment: closed.name, reason },
      'a segment was refused; it is divided to find the bad rows',
    );
    const bad = await divideSegment({
      segment,
      records: await files.recordsOf(closed),
      partPath: files.partPathOf(closed),
      maxTries: limits.divideTries,
      storePart: (part) => this.#storeRows(part, crashes, this.#replayed.has(closed)),
    });
    await writer.finishParts(closed, bad);
    return bad;
  }

  /** Absence: undefined when they are stored; otherwise why they never will be. Errors: what time cures. */
  async #storeRows(segment: Segment, crashes: CrashMemory, isReplayed: boolean): Promise<string | undefined> {
    const { firstRow, lastRow } = segment.part ?? { firstRow: 0, lastRow: segment.rowCount - 1 };
    if (segment.part !== undefined && crashes.isStored(firstRow, lastRow)) return undefined;
    if (crashes.isSuspect(firstRow, lastRow)) return 'the storage engine ended each time it stored them';
    // Should the try take this process with it, the next one knows. Whatever else comes of it says so itself.
    if (isReplayed) await crashes.add(firstRow, lastRow, 'kill');
    try {
      await this.#options.writer.writeSegment(segment);
      if (segment.part !== undefined) await crashes.stored(firstRow, lastRow);
      return undefined;
    } catch (error) {
      if (isReplayed) await crashes.takeBack(firstRow, lastRow, 'kill');
      if (!(error instanceof EngineError)) throw error;
      if (!error.retryable) return error.message;
      if (error.processEnd !== undefined && !this.#stopping.signal.aborted) {
        await crashes.add(firstRow, lastRow, error.processEnd);
      }
      throw error;
    }
  }

  async #setAside(segment: ClosedSegment, bad: readonly BadRows[], rowCount: number): Promise<void> {
    const { files, metrics, logger } = this.#options;
    await files.setRowsAside(segment, bad, rowCount);
    metrics?.quarantined(segment.signal, rowCount);
    logger?.error(
      { segment: segment.name, rows: rowCount, reason: bad[0]?.reason },
      'rows that can not be stored were set aside',
    );
  }
}

/** File errors name paths; their code is enough. */
function reasonOf(error: unknown): string {
  if (error instanceof EngineError) return error.message;
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.name : 'error');
}
