import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Whoever waits for the answer that is being made: `ask` stops when he goes. It is carried along with the request,
 * so that no route can forget to hand it on.
 */
const callers = new AsyncLocalStorage<AbortSignal>();

/** Runs `work` for a caller whose going aborts `gone`. */
export function forCaller<Result>(gone: AbortSignal, work: () => Result): Result {
  return callers.run(gone, work);
}

/** Absence: undefined outside of a request. */
export function callerGone(): AbortSignal | undefined {
  return callers.getStore();
}
