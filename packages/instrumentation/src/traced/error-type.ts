/** What may stand in `error.type`: low in cardinality, and too narrow to carry a sentence. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;

/**
 * The value of `error.type` for something thrown: its `code` (`ECONNREFUSED`, `rate_limited`), else its
 * class name, else `_OTHER`, the conventions' word for unknown. Never the message.
 */
export function errorType(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '_OTHER';
  const { code, name } = thrown as { readonly code?: unknown; readonly name?: unknown };
  const className = thrown.constructor?.name;
  // A name that the instance sets itself is meant; an inherited one is that of a built-in parent class.
  const isNameMeant = Object.hasOwn(thrown, 'name') || className === 'DOMException';
  for (const candidate of [code, isNameMeant ? name : className, className, name]) {
    if (typeof candidate === 'string' && IDENTIFIER.test(candidate)) return candidate;
  }
  return '_OTHER';
}
