import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { isHeaderText } from './header-text.ts';

/** Headers of the active trace, for what carries no headers by itself: a message, a job, a worker's `workerData`. */
export type TraceCarrier = Record<string, string>;

/** The active trace and conversation as headers of the configured formats. Empty outside of a trace. */
export function injectTrace(): TraceCarrier {
  const carrier: TraceCarrier = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** Runs `fn` in the trace that {@link injectTrace} wrote down elsewhere. Without one in it `fn` starts anew. */
export function continueTrace<Result>(carrier: Readonly<TraceCarrier>, fn: () => Result): Result {
  const headers = Object.fromEntries(Object.entries(carrier).filter(([, value]) => isHeaderText(value)));
  return context.with(propagation.extract(ROOT_CONTEXT, headers), fn);
}

/**
 * A function or an event emitter that stays in the span active now: callbacks of libraries that pool
 * connections or keep queues run in the context of whoever came first.
 */
export function bindTrace<Target>(target: Target): Target {
  return context.bind(context.active(), target);
}
