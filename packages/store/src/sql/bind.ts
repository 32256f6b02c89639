import type { QueryParameter } from '../engine.ts';

const placeholder = /\{([a-z][A-Za-z0-9]*):([A-Za-z0-9(), ']+)\}/g;

/**
 * Puts parameters into the places written `{name:Type}`, as a ClickHouse server does itself: each becomes
 * `_CAST(literal, 'Type')`. Done here because chDB's own binding runs all bound queries of a process one after the
 * other: a short query would wait behind a long one on another session.
 *
 * One pass over the statement, so a value that looks like a placeholder stays a value.
 * @throws TypeError for a place without a value or a value without a place: a mistake in our own SQL.
 */
export function bindParameters(
  sql: string,
  parameters: Readonly<Record<string, QueryParameter>> = {},
): string {
  const unused = new Set(Object.keys(parameters));
  const bound = sql.replace(placeholder, (_match, name: string, type: string) => {
    const value = parameters[name];
    if (value === undefined) throw new TypeError(`no value for {${name}:${type}}`);
    unused.delete(name);
    return `_CAST(${literal(value)}, ${quote(type)})`;
  });
  if (unused.size > 0) throw new TypeError(`no place for parameter ${[...unused].join(', ')}`);
  return bound;
}

function literal(value: QueryParameter): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  // As text: a literal -0 loses its sign, and NaN and infinities have no literal.
  if (typeof value === 'number') return quote(Object.is(value, -0) ? '-0' : String(value));
  return `[${value.map(literal).join(', ')}]`;
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
};

/** A ClickHouse string literal. Only backslash and quote can end one early; NUL would end the statement in C. */
export function quote(text: string): string {
  return `'${text.replace(/[\\'\0]/g, (character) => escapes[character]!)}'`;
}
