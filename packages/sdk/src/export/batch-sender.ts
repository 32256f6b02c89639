import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { BatchLimits } from '../configuration/batch-limits.ts';
import { ExportQueue, type QueuedItem } from './export-queue.ts';
import type { LossReason, LossReport, LostSignal } from './loss-report.ts';
import { encodeInSlices, type OtlpEncoding } from './otlp-encoding.ts';
import type { OtlpTransport, SendOutcome } from './otlp-transport.ts';

const FIRST_DELAY_MILLIS = 1000;
const DELAY_FACTOR = 1.5;
const MAX_DELAY_MILLIS = 5000;
/** Spreads senders that lost the same backend at the same moment. */
const JITTER = 0.2;
/** Longer than any backend restarts; a typing error in `Retry-After` shall not mute a service for a day. */
const MAX_RETRY_AFTER_MILLIS = 300_000;
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
}

/**
 * Queue, batches and delivery of one signal. Adding an item is book-keeping only: encoding, in slices, and
 * sending happen in later turns of the event loop, one batch at a time, so that a backend that is away costs
 * one batch and the queue in memory, whatever its absence. No timer here holds the process, but `shutdown`.
 */
export class BatchSender<Item> {
  readonly #parts: BatchSenderParts<Item>;
  readonly #queue: ExportQueue<Item>;
  readonly #closing = Promise.withResolvers<void>();
  readonly #sendContext = suppressTracing(ROOT_CONTEXT);
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;
  /** Calls of `forceFlush` under way. */
  #flushes = 0;
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** On the clock of `performance.now()`: the backend asked to be left alone until then. */
  #notBefore = 0;
  /** On the same clock, once closing has begun. */
  #deadline = Number.POSITIVE_INFINITY;
  #exported = 0;

  constructor(parts: BatchSenderParts<Item>) {
    this.#parts = parts;
    this.#queue = new ExportQueue(parts.limits);
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
    this.#parts.transport.close();
    // Counts the batch that was under way as well: its send has just been interrupted.
    await this.#draining;
    this.#lose('shutdown', this.#queue.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY).length);
  }

  #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#draining ??= this.#sendBatches().finally(() => {
      this.#draining = undefined;
      if (this.#queue.size > 0 && this.#state === 'open') {
        this.#timer ??= setTimeout(() => void this.#drain(), this.#parts.limits.scheduledDelayMillis).unref();
      }
    });
    return this.#draining;
  }

  async #sendBatches(): Promise<void> {
    const { maxExportBatchSize } = this.#parts.limits;
    do {
      await this.#pauseUntil(this.#notBefore);
      if (this.#isClosed) return;
      await this.#deliver(this.#queue.take(maxExportBatchSize, MAX_BATCH_BYTES));
    } while (
      !this.#isClosed &&
      (this.#queue.size >= maxExportBatchSize || (this.#flushes > 0 && this.#queue.size > 0))
    );
  }

  async #deliver(items: Item[]): Promise<void> {
    if (items.length === 0) return;
    const { encoding, limits, onDelivered } = this.#parts;
    let request: Uint8Array;
    try {
      request = await encodeInSlices(encoding, items);
    } catch {
      this.#lose('encoding', items.length);
      return;
    }
    // Half of the time is for retries; the rest leaves the last attempt its own time-out.
    const lastStart = performance.now() + limits.exportTimeoutMillis / 2;
    for (let delay = FIRST_DELAY_MILLIS; ; delay = Math.min(delay * DELAY_FACTOR, MAX_DELAY_MILLIS)) {
      const isLast = this.#state !== 'open';
      const outcome = await this.#send(request);
      if (outcome.status === 'accepted') {
        const rejected = Math.min(items.length, countRejected(encoding, outcome.answer));
        this.#exported += items.length - rejected;
        this.#lose('rejected', rejected);
        onDelivered?.();
        return;
      }
      if (outcome.status === 'refused') {
        this.#lose('refused', items.length, outcome.reason);
        return;
      }
      const now = performance.now();
      const asked = Math.min(outcome.retryAfterMillis ?? 0, MAX_RETRY_AFTER_MILLIS);
      this.#notBefore = now + asked;
      const next = now + Math.max(asked, delay * (1 + JITTER * (2 * Math.random() - 1)));
      if (isLast || next > lastStart) {
        this.#lose('unreachable', items.length, outcome.reason);
        return;
      }
      await this.#pauseUntil(next);
    }
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
