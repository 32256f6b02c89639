import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { BatchLimits } from '../configuration/batch-limits.ts';
import { askedDelay, BackOff, delayAfter, FIRST_DELAY_MILLIS, longerDelay } from './back-off.ts';
import type { DiskBuffer } from './disk-buffer.ts';
import { ExportQueue, type QueuedItem } from './export-queue.ts';
import type { LossReason, LossReport, LostSignal } from './loss-report.ts';
import { encodeInSlices, type OtlpEncoding } from './otlp-encoding.ts';
import type { OtlpTransport, SendOutcome } from './otlp-transport.ts';

/** Collectors take 4 MiB over gRPC by default; half of it leaves room for what an estimate misses. */
const MAX_BATCH_BYTES = 2 * 1024 * 1024;

export interface BatchSenderParts<Item> {
  readonly signal: LostSignal;
  readonly encoding: OtlpEncoding<Item>;
  readonly transport: OtlpTransport;
  readonly limits: BatchLimits;
  readonly losses: LossReport;
  /** How long {@link BatchSender.shutdown} may take. */
  readonly shutdownTimeoutMillis: number;
  /** A batch was accepted: the backend listens. */
  readonly onDelivered?: (() => void) | undefined;
  /** Where batches wait for a backend that is away, instead of being given up. */
  readonly diskBuffer?: DiskBuffer | undefined;
}

/**
 * Queue, batches and delivery of one signal. Adding an item is book-keeping only: encoding, in slices, and
 * sending happen in later turns of the event loop, one batch at a time, so that a backend that is away costs
 * one batch and the queue in memory, whatever its absence. With a disk buffer a batch that could not be
 * delivered waits there, and the backend is tried again from time to time. No timer here holds the process,
 * but `shutdown`.
 */
export class BatchSender<Item> {
  readonly #parts: BatchSenderParts<Item>;
  readonly #queue: ExportQueue<Item>;
  readonly #closing = Promise.withResolvers<void>();
  readonly #sendContext = suppressTracing(ROOT_CONTEXT);
  #timer: NodeJS.Timeout | undefined;
  #keptTimer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;
  /** Calls of `forceFlush` under way. */
  #flushes = 0;
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** On the clock of `performance.now()`: the backend asked to be left alone until then. */
  #notBefore = 0;
  /** On the same clock, once closing has begun. */
  #deadline = Number.POSITIVE_INFINITY;
  #exported = 0;
  /** With a disk buffer: there may be something in it, of this process or of one before. */
  #hasKept = false;
  /** With a disk buffer: when the backend, if it is away, is tried again. */
  readonly #backOff = new BackOff();
  /** The batch that has left the queue and is neither acknowledged, kept nor lost; `request` once it is encoded. */
  #underWay: { readonly items: Item[]; readonly request: Uint8Array | undefined } | undefined;

  constructor(parts: BatchSenderParts<Item>) {
    this.#parts = parts;
    this.#queue = new ExportQueue(parts.limits);
    this.#hasKept = parts.diskBuffer !== undefined;
    this.#scheduleKept();
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Items that the backend has acknowledged. */
  get exported(): number {
    return this.#exported;
  }

  /** Items that wait for the next batch. */
  get queued(): number {
    return this.#queue.size;
  }

  add(queued: QueuedItem<Item>): void {
    if (this.#isClosed) this.#lose('shutdown', 1);
    else if (queued.bytes > this.#queue.maxBytes) this.#lose('too_large', 1);
    else this.#lose('queue_full', this.#queue.push(queued));
    if (this.#draining !== undefined || this.#queue.size === 0) return;
    const { maxExportBatchSize, scheduledDelayMillis } = this.#parts.limits;
    if (this.#queue.size >= maxExportBatchSize) void this.#drain();
    else this.#timer ??= setTimeout(() => void this.#drain(), scheduledDelayMillis).unref();
  }

  /** Resolves when the queue is empty: everything in it was delivered or given up. */
  async forceFlush(): Promise<void> {
    this.#flushes += 1;
    try {
      while (this.#queue.size > 0 || this.#draining !== undefined) await this.#drain();
    } finally {
      this.#flushes -= 1;
    }
  }

  /** From now on each batch gets one attempt. Starts the clock of {@link shutdown}; items are still taken. */
  beginClosing(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#deadline = performance.now() + this.#parts.shutdownTimeoutMillis;
    this.#closing.resolve();
  }

  /** Sends what waits. At the deadline what is left is given up and counted. */
  async shutdown(): Promise<void> {
    if (this.#isClosed) return;
    this.beginClosing();
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, Math.max(0, this.#deadline - performance.now()));
    await Promise.race([this.forceFlush(), over.promise]);
    clearTimeout(timer);
    this.#state = 'closed';
    clearTimeout(this.#timer);
    clearTimeout(this.#keptTimer);
    this.#parts.transport.close();
    // Counts the batch that was under way as well: its send has just been interrupted.
    await this.#draining;
    for (let items = this.#takeBatch(); items.length > 0; items = this.#takeBatch()) {
      const request = this.#parts.diskBuffer && (await this.#encode(items));
      if (request === undefined) this.#lose('shutdown', items.length);
      else await this.#keep(items.length, request, 'shutdown');
    }
  }

  /**
   * At the very end of the process, where nothing can be waited for: what is left goes into the disk buffer, if
   * there is one. After {@link BatchSender.shutdown} there is nothing left.
   */
  keepNow(): void {
    const { diskBuffer, encoding } = this.#parts;
    if (diskBuffer === undefined || this.#isClosed) return;
    this.#state = 'closed';
    try {
      let { items, request } = this.#underWay ?? { items: this.#takeBatch(), request: undefined };
      for (; items.length > 0; items = this.#takeBatch(), request = undefined) {
        request ??= encoding.encode(items);
        if (request !== undefined) diskBuffer.putNow(items.length, request);
      }
    } catch {
      // The process ends, and its disk does not take it either.
    }
  }

  #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#draining ??= this.#sendBatches().finally(() => {
      this.#draining = undefined;
      if (this.#queue.size > 0 && this.#state === 'open') {
        this.#timer ??= setTimeout(() => void this.#drain(), this.#parts.limits.scheduledDelayMillis).unref();
      }
      this.#scheduleKept();
    });
    return this.#draining;
  }

  async #sendBatches(): Promise<void> {
    const { limits, diskBuffer } = this.#parts;
    const { maxExportBatchSize } = limits;
    do {
      if (diskBuffer === undefined) await this.#pauseUntil(this.#notBefore);
      if (this.#isClosed) return;
      await this.#deliver(this.#takeBatch());
    } while (
      !this.#isClosed &&
      (this.#queue.size >= maxExportBatchSize || (this.#flushes > 0 && this.#queue.size > 0))
    );
    await this.#sendKept();
  }

  async #deliver(items: Item[]): Promise<void> {
    if (items.length === 0) return;
    this.#underWay = { items, request: undefined };
    const request = await this.#encode(items);
    if (request === undefined) this.#lose('encoding', items.length);
    else {
      this.#underWay = { items, request };
      await this.#deliverRequest(items.length, request);
    }
    this.#underWay = undefined;
  }

  async #deliverRequest(count: number, request: Uint8Array): Promise<void> {
    if (this.#isBackendLeftAlone()) {
      await this.#keep(count, request, 'unreachable');
      return;
    }
    const { limits, diskBuffer } = this.#parts;
    // Half of the time is for retries; the rest leaves the last attempt its own time-out.
    const lastStart = performance.now() + limits.exportTimeoutMillis / 2;
    for (let delay = FIRST_DELAY_MILLIS; ; delay = longerDelay(delay)) {
      const isLast = this.#state !== 'open';
      const outcome = await this.#send(request);
      if (outcome.status !== 'retryable') {
        this.#settle(count, outcome);
        return;
      }
      if (diskBuffer !== undefined) {
        this.#backOff.fail(outcome);
        await this.#keep(count, request, 'unreachable', outcome.reason);
        return;
      }
      const now = performance.now();
      this.#notBefore = now + askedDelay(outcome);
      const next = now + delayAfter(outcome, delay);
      if (isLast || next > lastStart) {
        this.#lose('unreachable', count, outcome.reason);
        return;
      }
      await this.#pauseUntil(next);
    }
  }

  /** The backend has decided about so many items. */
  #settle(count: number, outcome: Exclude<SendOutcome, { readonly status: 'retryable' }>): void {
    if (outcome.status === 'refused') {
      this.#lose('refused', count, outcome.reason);
      return;
    }
    const rejected = Math.min(count, countRejected(this.#parts.encoding, outcome.answer));
    this.#exported += count - rejected;
    this.#lose('rejected', rejected);
    this.#backOff.succeed();
    this.#parts.onDelivered?.();
  }

  /** What the disk buffer holds, oldest first, as long as nothing newer waits. */
  async #sendKept(): Promise<void> {
    const { diskBuffer, limits } = this.#parts;
    while (
      diskBuffer !== undefined &&
      this.#hasKept &&
      this.#state === 'open' &&
      this.#queue.size < limits.maxExportBatchSize &&
      !this.#isBackendLeftAlone()
    ) {
      const kept = await diskBuffer.take();
      if (kept === undefined) {
        this.#hasKept = false;
        return;
      }
      const outcome = await this.#send(kept.request);
      if (outcome.status === 'retryable') {
        await kept.giveBack();
        this.#backOff.fail(outcome);
        return;
      }
      await kept.discard();
      this.#settle(kept.count, outcome);
    }
  }

  #scheduleKept(): void {
    if (!this.#hasKept || this.#state !== 'open' || this.#keptTimer !== undefined) return;
    const millis = Math.max(this.#parts.limits.scheduledDelayMillis, this.#backOff.remainingMillis);
    this.#keptTimer = setTimeout(() => {
      this.#keptTimer = undefined;
      void this.#drain();
    }, millis).unref();
  }

  /** True while a batch goes to disk without an attempt. Whoever flushes wants one. */
  #isBackendLeftAlone(): boolean {
    const isAway = this.#parts.diskBuffer !== undefined && this.#backOff.remainingMillis > 0;
    return isAway && this.#flushes === 0 && this.#state === 'open';
  }

  /** Into the disk buffer; if that does not take it, it is lost for `reason`. */
  async #keep(count: number, request: Uint8Array, reason: LossReason, detail?: string): Promise<void> {
    const { diskBuffer, losses } = this.#parts;
    try {
      const evicted = (await diskBuffer?.put(count, request)) ?? [];
      this.#hasKept = true;
      for (const gone of evicted) losses.record(gone.signal, 'buffer_full', gone.count);
    } catch {
      this.#lose(reason, count, detail);
    }
  }

  /** Absent if the items have no encoding. */
  async #encode(items: Item[]): Promise<Uint8Array | undefined> {
    try {
      return await encodeInSlices(this.#parts.encoding, items);
    } catch {
      return undefined;
    }
  }

  #takeBatch(): Item[] {
    return this.#queue.take(this.#parts.limits.maxExportBatchSize, MAX_BATCH_BYTES);
  }

  #send(request: Uint8Array): Promise<SendOutcome> {
    return context.with(this.#sendContext, () => this.#parts.transport.send(request));
  }

  /** Does not hold the process, and ends at once when closing begins. */
  async #pauseUntil(time: number): Promise<void> {
    const millis = time - performance.now();
    if (millis <= 0 || this.#state !== 'open') return;
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, millis).unref();
    await Promise.race([over.promise, this.#closing.promise]);
    clearTimeout(timer);
  }

  #lose(reason: LossReason, count: number, detail?: string): void {
    this.#parts.losses.record(this.#parts.signal, reason, count, detail);
  }
}

/** An answer that cannot be read says nothing about rejections; the request itself was accepted. */
function countRejected<Item>(encoding: OtlpEncoding<Item>, answer: Uint8Array): number {
  try {
    return answer.byteLength === 0 ? 0 : Math.max(0, encoding.countRejected(answer));
  } catch {
    return 0;
  }
}
