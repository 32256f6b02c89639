import { currentTracing } from './setup-tracing.ts';

/**
 * For functions that a platform freezes when they return (AWS Lambda and the like): a handler that does the
 * same as `handler` and then waits until its telemetry has left, at most `shutdownTimeoutMillis`. Value and
 * error of the handler reach the caller unchanged. Before `setupTracing` it only calls the handler.
 *
 *     export const handler = flushAfter(async (event: Event) => answer(event));
 */
export function flushAfter<Arguments extends unknown[], Result>(
  handler: (...args: Arguments) => Result | PromiseLike<Result>,
): (...args: Arguments) => Promise<Result> {
  return async (...args) => {
    try {
      return await handler(...args);
    } finally {
      await currentTracing()?.forceFlush();
    }
  };
}
