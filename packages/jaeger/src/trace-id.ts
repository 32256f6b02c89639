import { parseTraceId, type TraceId } from '@spanwise/model';
import { parseBase64 } from './base64.ts';

/** Jaeger's legacy spelling: 16 digits when the upper half is zero. */
export function formatJaegerTraceId(id: TraceId): string {
  return id.startsWith('0000000000000000') ? id.slice(16) : id;
}

/**
 * Parses every spelling that Jaeger's clients use: hex in either case with leading zeros left out, else base64 of
 * 8 or 16 bytes, standard or URL-safe, padded or not. Where both would do, it is hex.
 * Absence: undefined for anything else, and for zero.
 */
export function parseJaegerTraceId(text: string): TraceId | undefined {
  const trimmed = text.trim();
  const fromHex = parseTraceId(trimmed);
  if (fromHex !== undefined) return fromHex;
  const bytes = parseBase64(trimmed);
  return bytes === undefined ? undefined : traceIdOfBytes(bytes);
}

/** Of a protobuf field: 16 bytes, or 8 for a 64-bit id. Absence: undefined for other lengths, and for zero. */
export function traceIdOfBytes(bytes: Uint8Array): TraceId | undefined {
  if (bytes.length !== 8 && bytes.length !== 16) return undefined;
  return parseTraceId(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));
}
