import { createHmac } from 'node:crypto';
import type { AttributeValue } from '@spanwise/model';

/** Tells equal contents apart from different ones without the content. Keyed: a short prompt could be guessed. */
export function hashOf(value: AttributeValue, key: Uint8Array): string {
  if (value instanceof Uint8Array) return hashed(value, key);
  return hashed(Buffer.from(typeof value === 'string' ? value : (JSON.stringify(plain(value)) ?? '')), key);
}

function hashed(bytes: Uint8Array, key: Uint8Array): string {
  const hash = createHmac('sha256', key).update(bytes).digest('hex');
  return `[hmac-sha256: ${hash}, ${bytes.length} bytes]`;
}

/** What `JSON.stringify` can take: for a hash, not to be read back. */
function plain(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Map) return Array.from(value, ([key, item]) => [key, plain(item as AttributeValue)]);
  return Array.isArray(value) ? value.map((item) => plain(item as AttributeValue)) : value;
}
