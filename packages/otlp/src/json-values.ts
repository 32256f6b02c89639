import { OtlpError } from './otlp-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** RFC 8259 and nothing else. Errors: `OtlpError`, which quotes nothing. */
export function parseJson(body: Uint8Array): unknown {
  let text: string;
  try {
    // ignoreBOM keeps the mark in the text, where JSON.parse refuses it: RFC 8259 has none.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new OtlpError('the JSON is not UTF-8');
  }
  try {
    // Times sent as numbers are beyond 2^53: only where such a number stands, the slower reviver keeps its digits.
    return /[\s:[,]-?(?:\d{17}|9\d{15})/.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch {
    // The engine's own message quotes the text.
    throw new OtlpError('the JSON is malformed');
  }
}

/** `context.source` is the number as it was written. (TC39, JSON.parse source text access.) */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

export function asText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wrongType(name);
  return value;
}

export function asObject(value: unknown, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(name);
  return value as JsonObject;
}

export function optional(owner: JsonObject, name: string, use: (value: JsonObject) => void): void {
  const value = owner[name];
  if (present(value)) use(asObject(value, name));
}

export function each(owner: JsonObject, name: string, use: (item: JsonObject) => void): void {
  const value = owner[name];
  if (!present(value)) return;
  if (!Array.isArray(value)) throw wrongType(name);
  for (const item of value) use(asObject(item, name));
}

export function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Names are ours, from the field tables: no value is quoted. */
export function wrongType(name: string): OtlpError {
  return new OtlpError(`${name} has the wrong type`);
}
