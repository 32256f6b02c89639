import { diag } from '@opentelemetry/api';

/** One line a minute is enough to be seen and too little to flood a log. */
const MIN_INTERVAL_MILLIS = 60_000;

/** Counts what one signal lost, by reason, and says so: the first loss at once, then at most once a minute. */
export class LossReport {
  readonly #what: string;
  #dropped = 0;
  #failed = 0;
  #unreported = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  /** @param what The plural of the things, for the operator: `spans`, `log records`. */
  constructor(what: string) {
    this.#what = what;
  }

  /** Refused because the queue was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Taken, but the backend did not take them. */
  get failed(): number {
    return this.#failed;
  }

  recordDropped(count: number): void {
    this.#dropped += count;
    this.#report(count, 'the export queue is full');
  }

  recordFailed(count: number, reason: string): void {
    this.#failed += count;
    this.#report(count, reason);
  }

  #report(count: number, reason: string): void {
    this.#unreported += count;
    const now = performance.now();
    if (now - this.#reportedAt < MIN_INTERVAL_MILLIS) return;
    diag.warn(
      `Spanwise: ${this.#unreported} ${this.#what} lost: ${reason}. The service goes on; further losses are counted and reported at most once a minute.`,
    );
    this.#reportedAt = now;
    this.#unreported = 0;
  }
}
