import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ExportQueue } from './export-queue.ts';
import type { LossReport } from './loss-report.ts';

/** What an OTLP exporter of any signal looks like to a batch processor. */
export interface BatchExporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

/**
 * gRPC codes that OTLP calls retryable (opentelemetry-proto `docs/specification.md`, "Failures"):
 * CANCELLED 1, DEADLINE_EXCEEDED 4, RESOURCE_EXHAUSTED 8, ABORTED 10, OUT_OF_RANGE 11, UNAVAILABLE 14,
 * DATA_LOSS 15.
 */
const RETRYABLE_GRPC_CODES: ReadonlySet<unknown> = new Set([1, 4, 8, 10, 11, 14, 15]);

const MAX_ATTEMPTS = 5;
const FIRST_DELAY_MILLIS = 1000;
const DELAY_FACTOR = 1.5;
/** Spreads senders that lost the same backend at the same moment. */
const JITTER = 0.2;

/**
 * Sends a batch again when the backend was briefly away: OpenTelemetry's gRPC exporter gives up at once (its
 * HTTP exporter retries by itself). Losses are counted and reported here, so the batch processor always hears
 * "success": it would log every failed batch otherwise.
 */
export class RetryingExporter<Item> implements BatchExporter<Item> {
  readonly #inner: BatchExporter<Item>;
  readonly #queue: ExportQueue;
  readonly #losses: LossReport;
  readonly #maxRetryMillis: number;
  readonly #closing = Promise.withResolvers<void>();
  readonly #running = new Set<Promise<void>>();
  #isClosing = false;
  #exported = 0;

  /** @param maxRetryMillis No attempt starts later than this after the first one. */
  constructor(inner: BatchExporter<Item>, queue: ExportQueue, losses: LossReport, maxRetryMillis: number) {
    this.#inner = inner;
    this.#queue = queue;
    this.#losses = losses;
    this.#maxRetryMillis = maxRetryMillis;
  }

  /** Items that the backend has acknowledged. */
  get exported(): number {
    return this.#exported;
  }

  export(items: Item[], done: (result: ExportResult) => void): void {
    this.#queue.leave(items.length);
    const running = this.#exportWithRetries(items).finally(() => {
      this.#running.delete(running);
      done({ code: ExportResultCode.SUCCESS });
    });
    this.#running.add(running);
  }

  async #exportWithRetries(items: Item[]): Promise<void> {
    const startedAt = performance.now();
    let delayMillis = FIRST_DELAY_MILLIS;
    for (let attempt = 1; ; attempt += 1) {
      const isLast = this.#isClosing || attempt === MAX_ATTEMPTS;
      const result = await this.#exportOnce(items);
      if (result.code === ExportResultCode.SUCCESS) {
        this.#exported += items.length;
        return;
      }
      const isTooLate = performance.now() - startedAt + delayMillis > this.#maxRetryMillis;
      if (isLast || isTooLate || !isRetryable(result.error)) {
        this.#losses.recordFailed(items.length, describeFailure(result.error));
        return;
      }
      await this.#pause(delayMillis * (1 + JITTER * (2 * Math.random() - 1)));
      delayMillis *= DELAY_FACTOR;
    }
  }

  #exportOnce(items: Item[]): Promise<ExportResult> {
    return new Promise((resolve) => {
      try {
        this.#inner.export(items, resolve);
      } catch (thrown) {
        resolve({
          code: ExportResultCode.FAILED,
          error: thrown instanceof Error ? thrown : new Error('export threw'),
        });
      }
    });
  }

  /** Does not hold the process, and ends at once when closing begins. */
  async #pause(millis: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, millis);
    timer.unref();
    await Promise.race([over.promise, this.#closing.promise]);
    clearTimeout(timer);
  }

  /** From now on each batch gets one last attempt, so that a dead backend does not hold up the exit. */
  beginClosing(): void {
    this.#isClosing = true;
    this.#closing.resolve();
  }

  /** Waits for the batches that are under way, retries included: the batch processors do not wait for a timed one. */
  async forceFlush(): Promise<void> {
    await Promise.all(this.#running);
  }

  async shutdown(): Promise<void> {
    this.beginClosing();
    await this.forceFlush();
    await this.#inner.shutdown();
  }
}

function isRetryable(error: Error | undefined): boolean {
  return error !== undefined && 'code' in error && RETRYABLE_GRPC_CODES.has(error.code);
}

/** gRPC and socket messages name addresses and codes, no telemetry; still only the first line. */
function describeFailure(error: Error | undefined): string {
  return error === undefined ? 'the backend refused them' : (error.message.split('\n', 1)[0] ?? error.name);
}
