declare const idBrand: unique symbol;

/** 32 lowercase hex digits; never all zeros. (OpenTelemetry, trace API, SpanContext.) */
export type TraceId = string & { readonly [idBrand]: 'trace' };

/** 16 lowercase hex digits; never all zeros. */
export type SpanId = string & { readonly [idBrand]: 'span' };

const traceIdPattern = /^(?!0{32})[0-9a-f]{32}$/;
const spanIdPattern = /^(?!0{16})[0-9a-f]{16}$/;

/** True for the canonical spelling only; other spellings (upper case, short, base64) are parsed at the border. */
export function isTraceId(text: string): text is TraceId {
  return traceIdPattern.test(text);
}

export function isSpanId(text: string): text is SpanId {
  return spanIdPattern.test(text);
}

/** @throws RangeError when `text` is not a canonical trace id: for literals and trusted sources. */
export function traceId(text: string): TraceId {
  if (!isTraceId(text)) throw new RangeError(`not a trace id: ${JSON.stringify(text)}`);
  return text;
}

/** @throws RangeError when `text` is not a canonical span id. */
export function spanId(text: string): SpanId {
  if (!isSpanId(text)) throw new RangeError(`not a span id: ${JSON.stringify(text)}`);
  return text;
}

/**
 * Parses what people and tools write for a trace id: hex in either case, with leading zeros left out (64-bit
 * ids too).
 * Absence: undefined when it is not hex, too long, or zero.
 */
export function parseTraceId(text: string): TraceId | undefined {
  const hex = text.trim().toLowerCase();
  if (!/^[0-9a-f]{1,32}$/.test(hex)) return undefined;
  const padded = hex.padStart(32, '0');
  return isTraceId(padded) ? padded : undefined;
}
