import { limits } from '../limits.ts';
import { callerGone } from './caller.ts';
import { QueryError, tooSlow } from './query-error.ts';

/** As `TraceReader.until`. */
export interface Interruptible<Reader> {
  until(signal: AbortSignal): Reader;
}

/**
 * Asks storage one question. At its deadline the caller is told, and what still runs for it in the engine is
 * cancelled: a question that nobody waits for must not keep others waiting. So it is when the caller goes away.
 * Errors: `QueryError` 504 at the deadline, 499 for a caller that is gone, and whatever `question` throws.
 */
export async function ask<Reader, Answer>(
  reader: Interruptible<Reader>,
  question: (reader: Reader) => Promise<Answer>,
  timeoutMillis: number = limits.queryMillis.value,
): Promise<Answer> {
  const abandoned = new AbortController();
  // Whatever the engine does, it comes in time.
  const { promise: end, reject } = Promise.withResolvers<never>();
  const abandon = (reason: QueryError) => {
    reject(reason);
    abandoned.abort(reason);
  };
  const timer = setTimeout(() => abandon(tooSlow()), timeoutMillis);
  const gone = callerGone();
  const onGone = () => abandon(new QueryError(499, 'caller_gone', 'nobody waits for the answer any more'));
  gone?.addEventListener('abort', onGone, { once: true });
  try {
    if (gone?.aborted) onGone();
    return await Promise.race([end, question(reader.until(abandoned.signal))]);
  } finally {
    clearTimeout(timer);
    gone?.removeEventListener('abort', onGone);
  }
}
