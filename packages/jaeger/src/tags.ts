import { type AttributeValue, type SpanKind, spanKinds } from '@spanwise/model';
import { formatBase64 } from './base64.ts';
import type { JaegerTag } from './types.ts';

/**
 * | attribute          | tag                                     |
 * | ------------------ | --------------------------------------- |
 * | string             | string                                  |
 * | bool               | bool                                    |
 * | int64              | int64; decimal string beyond ±(2^53−1)  |
 * | double             | float64; NaN and infinities as strings  |
 * | bytes              | binary, base64                          |
 * | array, map         | string: JSON, keys of maps sorted       |
 * | empty              | string, empty                           |
 */
export function toJaegerTag(key: string, value: AttributeValue): JaegerTag {
  switch (typeof value) {
    case 'string':
      return { key, type: 'string', value };
    case 'boolean':
      return { key, type: 'bool', value };
    case 'bigint':
      return { key, type: 'int64', value: intValue(value) };
    case 'number':
      return { key, type: 'float64', value: Number.isFinite(value) ? value : String(value) };
    case 'undefined':
      return { key, type: 'string', value: '' };
    case 'object':
      return value instanceof Uint8Array
        ? { key, type: 'binary', value: formatBase64(value) }
        : { key, type: 'string', value: formatJson(value) };
  }
}

export function toJaegerTags(entries: Iterable<readonly [string, AttributeValue]>): JaegerTag[] {
  return Array.from(entries, ([key, value]) => toJaegerTag(key, value));
}

function intValue(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** As Go's JSON writes an attribute: int64 as bare digits, bytes as base64. Depth is bounded at ingest. */
export function formatJson(value: AttributeValue): string {
  if (value === undefined) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value));
  if (typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Uint8Array) return JSON.stringify(formatBase64(value));
  if (isMap(value)) {
    const members = Array.from(value.keys())
      .sort()
      .map((key) => `${JSON.stringify(key)}:${formatJson(value.get(key))}`);
    return `{${members.join(',')}}`;
  }
  return `[${value.map(formatJson).join(',')}]`;
}

function isMap(value: object): value is ReadonlyMap<string, AttributeValue> {
  return value instanceof Map;
}

const kindNames: Readonly<Record<SpanKind, string>> = {
  [spanKinds.unspecified]: '',
  [spanKinds.internal]: 'internal',
  [spanKinds.server]: 'server',
  [spanKinds.client]: 'client',
  [spanKinds.producer]: 'producer',
  [spanKinds.consumer]: 'consumer',
};

/** Empty for a span of unspecified kind, as the legacy API has it. */
export function jaegerSpanKind(kind: SpanKind): string {
  return kindNames[kind];
}

/** Absence: undefined when no kind has this name. Any case; empty is unspecified. */
export function parseJaegerSpanKind(text: string): SpanKind | undefined {
  const name = text.toLowerCase();
  if (name === '' || name === 'unspecified') return spanKinds.unspecified;
  return Object.values(spanKinds).find((kind) => kindNames[kind] === name);
}
