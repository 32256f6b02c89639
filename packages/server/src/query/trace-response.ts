import { randomBytes } from 'node:crypto';

/** Version 00 to the letter, or a later one, of which only these fields are known. (W3C Trace Context level 2, 4.3.) */
const traceparent =
  /^(?:00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})|(?!ff|00)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?)$/;

/** The id was made of random bits: a flag of the trace, so the caller's word counts. */
const randomTraceId = 0x02;

/**
 * The header `traceresponse`: the caller's trace, or a new one, and an id for this request in it. (W3C Trace Context,
 * draft of the response header.) We keep no spans of our own, so it never says "sampled".
 */
export function traceResponseOf(header: string | string[] | undefined): string {
  const [, ...fields] = (typeof header === 'string' && traceparent.exec(header.trim())) || [];
  const [traceId, parentId, flags] = fields.filter((field) => field !== undefined);
  const isKnown =
    traceId !== undefined && parentId !== undefined && /[^0]/.test(traceId) && /[^0]/.test(parentId);
  const kept = isKnown ? Number.parseInt(flags!, 16) & randomTraceId : randomTraceId;
  return `00-${isKnown ? traceId : hexId(16)}-${hexId(8)}-${kept.toString(16).padStart(2, '0')}`;
}

/** Lower case. All zero would be no id, and comes once in 2^64 at the most. */
function hexId(byteCount: number): string {
  return randomBytes(byteCount).toString('hex');
}
