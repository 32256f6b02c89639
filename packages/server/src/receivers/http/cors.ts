import type { IncomingMessage } from 'node:http';

/** How long a browser may remember a preflight: two hours is the most that Chromium takes. */
const preflightSeconds = 7_200;

/**
 * Headers for a page of another origin that sends OTLP. (Fetch Standard, CORS protocol.)
 * Absence: none when the origin is not listed; the browser then keeps the answer from the page, and, as OTLP's
 * content types need a preflight, does not send in the first place.
 */
export function corsHeaders(
  request: Pick<IncomingMessage, 'method' | 'headers'>,
  origins: readonly string[],
): [name: string, value: string][] {
  if (origins.length === 0) return [];
  const headers: [string, string][] = [['vary', 'Origin']];
  const { origin } = request.headers;
  if (origin === undefined || !(origins.includes('*') || origins.includes(origin))) return headers;
  headers.push(['access-control-allow-origin', origin]);
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
    return headers;
  }
  headers.push(['access-control-allow-methods', 'POST']);
  const asked = request.headers['access-control-request-headers'];
  // SDKs let users add headers of their own; none of them has a meaning here that could do harm.
  if (typeof asked === 'string') headers.push(['access-control-allow-headers', asked]);
  headers.push(['access-control-max-age', String(preflightSeconds)]);
  return headers;
}
