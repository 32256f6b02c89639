import { limits } from '../limits.ts';
import { tooSlow } from './query-error.ts';

/** As `TraceReader.until`. */
export interface Interruptible<Reader> {
  until(signal: AbortSignal): Reader;
}

/**
 * Asks storage one question. At its deadline the caller is told, and what still runs for it in the engine is
 * cancelled: a question that nobody waits for must not keep others waiting.
 * Errors: `QueryError` 504 at the deadline, and whatever `question` throws.
 */
export async function ask<Reader, Answer>(
  reader: Interruptible<Reader>,
  question: (reader: Reader) => Promise<Answer>,
  timeoutMillis: number = limits.queryMillis.value,
): Promise<Answer> {
  const abandoned = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  // Whatever the engine does, it comes in time.
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = tooSlow();
      reject(reason);
      abandoned.abort(reason);
    }, timeoutMillis);
  });
  try {
    return await Promise.race([question(reader.until(abandoned.signal)), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
