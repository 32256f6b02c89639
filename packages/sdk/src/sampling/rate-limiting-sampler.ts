import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';

/**
 * Samples up to so many traces a second, by a bucket that refills all the time and holds one second's worth,
 * at least one: a service with one request a minute and a limit of 0.1 is seen. Jaeger's "rate limiting".
 */
export class RateLimitingSampler implements Sampler {
  readonly #perSecond: number;
  readonly #capacity: number;
  readonly #now: () => number;
  #balance: number;
  #filledAt: number;

  /** @param now Milliseconds of a clock that never goes back. */
  constructor(tracesPerSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = tracesPerSecond;
    this.#capacity = Math.max(1, tracesPerSecond);
    this.#now = now;
    this.#balance = this.#capacity;
    this.#filledAt = now();
  }

  shouldSample(): SamplingResult {
    const now = this.#now();
    this.#balance = Math.min(
      this.#capacity,
      this.#balance + ((now - this.#filledAt) / 1000) * this.#perSecond,
    );
    this.#filledAt = now;
    if (this.#perSecond <= 0 || this.#balance < 1) return { decision: SamplingDecision.NOT_RECORD };
    this.#balance -= 1;
    return { decision: SamplingDecision.RECORD_AND_SAMPLED };
  }

  toString(): string {
    return `RateLimiting{${this.#perSecond}}`;
  }
}
