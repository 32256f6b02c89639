import type { QueryParameter } from '../engine.ts';

/** The same name as a value: what `system` tables are asked for. */
const databaseText = '{database:String}';

const placeholder = /\{([a-z][A-Za-z0-9]*):([A-Za-z0-9(), ']+)\}/g;

/** Where a statement names the database of our tables. Each engine has a name of its own for it. */
export const databasePlace = '{database:Identifier}';

/** The database of the embedded engine, and of a server when its address names none. */
export const defaultDatabase = 'spanwise';

/** Names that need no quotes in SQL. */
export const databaseNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** `name` matches `databaseNamePattern`, so it is its own SQL. */
export function bindDatabase(sql: string, name: string): string {
  return sql.replaceAll(databasePlace, name);
}

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
  databaseName: string = defaultDatabase,
): string {
  const unused = new Set(Object.keys(parameters));
  const bound = sql.replace(placeholder, (match, name: string, type: string) => {
    if (match === databasePlace) return databaseName;
    if (match === databaseText) return quote(databaseName);
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
