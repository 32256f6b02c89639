import { RequestError } from '../shared/request-error.ts';

/**
 * A bucket of one minute's requests that refills evenly.
 * @returns takes one request out. @throws RequestError 429 when the bucket is empty; it says when to come again.
 */
export function createRateLimit(requestsPerMinute: number, now: () => number = Date.now): () => void {
  const perMillisecond = requestsPerMinute / 60_000;
  let permits = requestsPerMinute;
  let filledAt = now();
  return () => {
    const time = now();
    permits = Math.min(requestsPerMinute, permits + (time - filledAt) * perMillisecond);
    filledAt = time;
    if (permits < 1) {
      const waitMillis = (1 - permits) / perMillisecond;
      throw new RequestError(429, 'rate_limited', { retryAfterSeconds: Math.ceil(waitMillis / 1000) });
    }
    permits -= 1;
  };
}
