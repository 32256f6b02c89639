import type { Logger, Signal } from '@spanwise/store';
import type { FsyncPolicy } from './fsync-policy.ts';
import { type ClosedSegment, type OpenFile, OpenSegment } from './open-segment.ts';
import type { Sequence } from './sequence.ts';
import type { SpoolBatch, SpoolLimits, SpoolMetrics } from './spool.ts';

export interface CommitterOptions {
  readonly directory: string;
  readonly limits: SpoolLimits;
  readonly fsync: FsyncPolicy;
  readonly openFile: OpenFile;
  readonly sequence: Sequence;
  readonly clock: () => number;
  readonly logger: Logger | undefined;
  readonly metrics: SpoolMetrics | undefined;
  /** While the engine is busy, segments grow: fewer and larger inserts are what it needs then. */
  readonly isEngineIdle: () => boolean;
  readonly onClosed: (segment: ClosedSegment) => void;
  /** A write or a sync failed, or succeeded. Absence of a code: it succeeded. */
  readonly onDisk: (errorCode: string | undefined) => void;
}

/**
 * A group waits this long for those who were answered together with the last one, because they tend to come again
 * together. A sender that is alone never waits.
 */
const lingerMillis = 2;
/**
 * Between two segments that were closed for their age. Each costs the engine a part in every table and its later
 * merges: at five a second a fifth of a core goes there, at one and a half a tenth (measured, 100 spans a second).
 * Next to what many rows cost that is little, and then whoever searches waits less.
 */
const spacingMillis = { fewRows: 600, manyRows: 300 } as const;
const manyRows = 20_000;

interface Waiting {
  readonly batch: SpoolBatch;
  /** Unix milliseconds at which it became durable. */
  readonly resolve: (at: number) => void;
  readonly reject: (error: Error) => void;
}

/** Writes batches into open segments, one sync for all that wait. */
export class Committer {
  readonly #options: CommitterOptions;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #committing: Promise<void> | undefined;
  /** How many the last group held. */
  #lastGroup = 1;
  /** Ends the wait for further batches. */
  #enough: (() => void) | undefined;
  #isClosing = false;
  readonly #open = new Map<Signal, OpenSegment>();
  #ageTimer: NodeJS.Timeout | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  /** `performance.now` of the last time that segments were closed for their age. */
  #closedForAgeAt = Number.NEGATIVE_INFINITY;

  constructor(options: CommitterOptions) {
    this.#options = options;
    if (options.fsync === 'interval') {
      this.#syncTimer = setInterval(() => void this.#syncAll(), options.limits.fsyncMillis);
      this.#syncTimer.unref();
    }
  }

  /** Segments that take rows and have some. */
  get open(): readonly OpenSegment[] {
    return [...this.#open.values()].filter(({ rowCount }) => rowCount > 0);
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Resolves with the time at which the policy calls it kept. Errors: whatever the disk says. */
  append(batch: SpoolBatch): Promise<number> {
    const kept = new Promise<number>((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
    });
    this.#waitingBytes += batch.rows.length;
    if (this.#isGroupComplete()) this.#enough?.();
    this.#startCommitting();
    return kept;
  }

  /** Closes every open segment once all that waits is written. */
  async closeAll(): Promise<void> {
    await this.#settle();
    this.#run(async () => {
      for (const signal of [...this.#open.keys()]) await this.#close(signal, false);
    });
    await this.#committing;
  }

  /** Closes what is due, now or right after the group that is being written. */
  rotate(): void {
    this.#run(() => this.#closeDue());
    this.#startAgeTimer();
  }

  /** Writes what waits and lets go of the files. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#enough?.();
    clearInterval(this.#syncTimer);
    clearTimeout(this.#ageTimer);
    await this.#settle();
    clearTimeout(this.#ageTimer);
    for (const segment of this.#open.values()) {
      await this.#sync(segment);
      await segment.close(false);
    }
    this.#open.clear();
  }

  async #settle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#committing !== undefined) await this.#committing;
  }

  /** One at a time; what comes while another one runs is done by that one, or by the next timer. */
  #run(work: () => Promise<void>): void {
    this.#committing ??= work().finally(() => {
      this.#committing = undefined;
      // What came between the last look and now.
      if (this.#waiting.length > 0) this.#startCommitting();
    });
  }

  #startCommitting(): void {
    this.#run(() => this.#commitWaiting());
  }

  /** Everything that came in while the last group was syncing is the next group. */
  async #commitWaiting(): Promise<void> {
    // Appends of the same turn of the event loop share the first group.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      await this.#gather();
      const group = this.#takeGroup();
      this.#lastGroup = group.length;
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

  #isGroupComplete(): boolean {
    return (
      this.#isClosing ||
      this.#waiting.length >= this.#lastGroup ||
      this.#waitingBytes >= this.#options.limits.groupBytes
    );
  }

  async #gather(): Promise<void> {
    if (this.#isGroupComplete()) return;
    await new Promise<void>((resolve) => {
      this.#enough = resolve;
      setTimeout(resolve, lingerMillis);
    });
    this.#enough = undefined;
  }

  #takeGroup(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { batch } of this.#waiting) {
      if (count > 0 && bytes + batch.rows.length > this.#options.limits.groupBytes) break;
      bytes += batch.rows.length;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #commit(signal: Signal, group: readonly Waiting[]): Promise<void> {
    if (group.length === 0) return;
    const { clock, fsync, metrics, onDisk } = this.#options;
    const now = clock();
    try {
      const segment = this.#open.get(signal) ?? (await this.#createSegment(signal));
      const startedAt = performance.now();
      await segment.commit(
        group.map(({ batch }) => batch),
        now,
        fsync === 'always',
      );
      metrics?.committed(signal, group.length, performance.now() - startedAt);
    } catch (error) {
      // Nobody is acknowledged, and the segment ends where it was.
      this.#tellFailure(error, 'the spool could not be written; senders are told to wait');
      await this.#close(signal, true);
      for (const { reject } of group) reject(error as Error);
      return;
    }
    onDisk(undefined);
    for (const { resolve } of group) resolve(now);
    this.#startAgeTimer();
  }

  async #createSegment(signal: Signal): Promise<OpenSegment> {
    const { directory, sequence, openFile, limits } = this.#options;
    const segment = await OpenSegment.create(
      directory,
      signal,
      await sequence.take(),
      openFile,
      limits.traceIdsPerSegment,
    );
    this.#open.set(signal, segment);
    return segment;
  }

  #tellFailure(error: unknown, message: string): void {
    this.#options.onDisk((error as NodeJS.ErrnoException).code ?? 'error');
    this.#options.logger?.error({ err: error }, message);
  }

  async #syncAll(): Promise<void> {
    for (const segment of [...this.#open.values()]) await this.#sync(segment);
  }

  /** Under the policy `interval`: what was acknowledged since the last sync may go with the power, as documented. */
  async #sync(segment: OpenSegment): Promise<void> {
    if (this.#options.fsync !== 'interval') return;
    try {
      await segment.sync();
    } catch (error) {
      this.#tellFailure(error, 'the spool could not be synced; a power cut would lose what was acknowledged');
    }
  }

  #startAgeTimer(): void {
    if (this.#ageTimer !== undefined || this.#open.size === 0) return;
    this.#ageTimer = setTimeout(() => {
      this.#ageTimer = undefined;
      this.rotate();
    }, this.#options.limits.segmentMaxAgeMillis);
  }

  async #closeDue(): Promise<void> {
    const { clock, limits, isEngineIdle } = this.#options;
    const now = clock();
    const sinceLast = performance.now() - this.#closedForAgeAt;
    const isIdle = isEngineIdle();
    for (const segment of this.open) {
      const age = now - segment.sinceMillis;
      // A clock that was set back must not keep rows from being stored.
      const old = age >= limits.segmentMaxAgeMillis || age < 0;
      const spacing = segment.rowCount >= manyRows ? spacingMillis.manyRows : spacingMillis.fewRows;
      const mayCloseForAge = isIdle && sinceLast >= spacing;
      const large = segment.bytes >= limits.segmentMaxBytes || segment.rowCount >= limits.segmentMaxRows;
      if (large || (old && mayCloseForAge)) await this.#close(segment.signal, false);
      if (old && mayCloseForAge) this.#closedForAgeAt = performance.now();
    }
  }

  async #close(signal: Signal, failed: boolean): Promise<void> {
    const segment = this.#open.get(signal);
    if (segment === undefined) return;
    this.#open.delete(signal);
    if (!failed) await this.#sync(segment);
    const closed = await segment.close(failed);
    if (closed.rowCount > 0 || failed) this.#options.onClosed(closed);
  }
}
