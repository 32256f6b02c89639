import type { Parsed } from './logfmt.ts';

/** Ends the reading of one query; `parsing` turns it into a value. */
export class ParameterError extends Error {}

/** What `read` gives, or the message of the `ParameterError` it throws. */
export function parsing<Value>(read: () => Value): Parsed<Value> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof ParameterError) return { ok: false, message: error.message };
    throw error;
  }
}
