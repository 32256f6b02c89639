import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Generous by default: it bounds a failure, not a success. */
  readonly timeoutMillis?: number;
  readonly everyMillis?: number;
}

/**
 * Asks until there is an answer, and gives it. `ask` may answer undefined or false, or throw: not yet.
 * Errors: after the time-out, with `what` and what was last thrown.
 */
export async function waitFor<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMillis = 30_000, everyMillis = 50 }: WaitOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMillis;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMillis / 1000} s in vain for ${what}`, { cause: lastError });
    }
    await delay(everyMillis);
  }
}
