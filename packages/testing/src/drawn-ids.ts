import { isSpanId, type SpanId, spanId } from '@spanwise/model';

const namePattern = /^[a-z][a-z0-9-]{0,7}$/;

/** What `parent=?` names: on no line. */
export const missingSpanId = spanId('ffffffffffffffff');

/** The id of a line without a name, counted from 0. */
export function lineSpanId(index: number): SpanId {
  return spanId((index + 1).toString(16).padStart(16, '0'));
}

/**
 * The id of a named span: the name's characters as bytes, so that it can be read back. `#` and 16 hex digits is
 * the id itself.
 */
export function spanIdOfName(name: string): SpanId {
  if (name.startsWith('#')) return spanId(name.slice(1));
  if (!namePattern.test(name)) {
    throw new SyntaxError(`not a span name: @${name} (up to 8 of a-z, 0-9, -, first a letter)`);
  }
  const hex = Array.from(name, (char) => char.charCodeAt(0).toString(16)).join('');
  return spanId(hex.padEnd(16, '0'));
}

/** The reverse of `spanIdOfName`. */
export function nameOfSpanId(id: SpanId): string {
  const name = (id.match(/../g) ?? [])
    .map((byte) => String.fromCharCode(Number.parseInt(byte, 16)))
    .join('')
    .replace(/\0+$/, '');
  return namePattern.test(name) && isSpanId(id) && spanIdOfName(name) === id ? name : `#${id}`;
}
