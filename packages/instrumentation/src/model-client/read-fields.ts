/*
 * Reads single fields of requests and answers that somebody else made. What has another type than expected
 * is absent. Nothing here looks at a field that it was not asked for: content stays untouched.
 */

/** Ids, names and models are shorter; a longer text is none of these. */
const MAX_TEXT_CHARS = 256;

/** The field `name`, if `value` is an object. */
export function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function readText(value: unknown, name: string): string | undefined {
  const text = readField(value, name);
  return typeof text === 'string' && text !== '' && text.length <= MAX_TEXT_CHARS ? text : undefined;
}

export function readNumber(value: unknown, name: string): number | undefined {
  const number = readField(value, name);
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function readList(value: unknown, name: string): readonly unknown[] {
  const list = readField(value, name);
  return Array.isArray(list) ? list : [];
}
