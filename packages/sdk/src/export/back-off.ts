import type { SendOutcome } from './otlp-transport.ts';

export const FIRST_DELAY_MILLIS = 1000;
const DELAY_FACTOR = 1.5;
const MAX_DELAY_MILLIS = 5000;
/** Spreads senders that lost the same backend at the same moment. */
const JITTER = 0.2;
/** Longer than any backend restarts; a typing error in `Retry-After` shall not mute a service for a day. */
const MAX_RETRY_AFTER_MILLIS = 300_000;

type Failure = Extract<SendOutcome, { readonly status: 'retryable' }>;

export function longerDelay(millis: number): number {
  return Math.min(millis * DELAY_FACTOR, MAX_DELAY_MILLIS);
}

/** How long the backend asks to be left alone, within reason. */
export function askedDelay({ retryAfterMillis = 0 }: Failure): number {
  return Math.min(retryAfterMillis, MAX_RETRY_AFTER_MILLIS);
}

/** How long to wait after a failure: about `millis`, or as long as the backend asks. */
export function delayAfter(failure: Failure, millis: number): number {
  return Math.max(askedDelay(failure), millis * (1 + JITTER * (2 * Math.random() - 1)));
}

/** When a backend that is away is tried next: not at each batch, and ever more seldom, up to a bound. */
export class BackOff {
  #delayMillis = FIRST_DELAY_MILLIS;
  #until = 0;

  /** Milliseconds until the next attempt; 0 or less if it is due. */
  get remainingMillis(): number {
    return this.#until - performance.now();
  }

  fail(failure: Failure): void {
    this.#until = performance.now() + delayAfter(failure, this.#delayMillis);
    this.#delayMillis = longerDelay(this.#delayMillis);
  }

  succeed(): void {
    this.#delayMillis = FIRST_DELAY_MILLIS;
    this.#until = 0;
  }
}
