import type { AttributeValue } from '@spanwise/model';

/*
 * Arrays and maps as text. JSON, where what JSON can say stands for itself and the rest is tagged, so that
 * nothing is lost:
 *
 *   string, bool   as in JSON
 *   empty          null
 *   double         a JSON number; {"double":"NaN"}, "Infinity", "-Infinity", "-0" for what JSON has no number for
 *   int            {"int":"-42"}
 *   bytes          {"bytes":"<base64>"}
 *   array          [ … ]
 *   map            {"map":[["key", value], …]}: pairs, because JSON objects lose order and repeat keys
 */

/** Writes one value as tagged JSON. The depth is the caller's to bound. */
export function formatNestedValue(value: AttributeValue): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `{"int":"${value}"}`;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? String(value)
        : `{"double":"${formatDouble(value)}"}`;
    case 'undefined':
      return 'null';
    default:
      if (value instanceof Uint8Array) return `{"bytes":"${Buffer.from(value).toString('base64')}"}`;
      if (value instanceof Map) {
        const pairs = Array.from(
          value as ReadonlyMap<string, AttributeValue>,
          ([key, item]) => `[${JSON.stringify(key)},${formatNestedValue(item)}]`,
        );
        return `{"map":[${pairs.join(',')}]}`;
      }
      return `[${(value as readonly AttributeValue[]).map(formatNestedValue).join(',')}]`;
  }
}

/** @throws SyntaxError when `text` was not written by `formatNestedValue`. */
export function parseNestedValue(text: string): AttributeValue {
  return untag(JSON.parse(text));
}

function untag(json: unknown): AttributeValue {
  if (json === null) return undefined;
  if (typeof json === 'string' || typeof json === 'boolean' || typeof json === 'number') return json;
  if (Array.isArray(json)) return json.map(untag);
  const [[tag, value] = [], ...rest] = Object.entries(json as object) as [string?, unknown?][];
  if (rest.length === 0 && typeof value === 'string') {
    if (tag === 'int') return parseInt64(value);
    if (tag === 'double') return Number(value);
    if (tag === 'bytes') return new Uint8Array(Buffer.from(value, 'base64'));
  }
  if (rest.length === 0 && tag === 'map' && Array.isArray(value)) {
    return new Map(value.map((pair) => pairOf(pair)));
  }
  throw new SyntaxError('not a nested value');
}

function pairOf(pair: unknown): [string, AttributeValue] {
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') {
    throw new SyntaxError('not a nested value');
  }
  return [pair[0], untag(pair[1])];
}

function parseInt64(text: string): bigint {
  if (!/^-?\d{1,19}$/.test(text)) throw new SyntaxError('not a nested value');
  return BigInt(text);
}

/** A double as text that `Number` reads back to the same double. */
export function formatDouble(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
