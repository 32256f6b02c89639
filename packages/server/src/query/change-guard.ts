import type { FastifyRequest } from 'fastify';
import { QueryError } from './query-error.ts';

/**
 * For calls that change something. A page of another site can make a browser send simple requests here, cookies or
 * not, from inside the network; it can't send these types without asking first (CORS), and its browser says that
 * the page is foreign. Programs send no `Sec-Fetch-Site`. (Fetch, "CORS-safelisted request-header"; Fetch Metadata.)
 * @throws QueryError 403 or 415.
 */
export function checkChange(request: FastifyRequest, types: readonly string[]): void {
  checkSite(request);
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (types.includes(type)) return;
  throw new QueryError(415, 'bad_request', `expected Content-Type ${types.join(' or ')}`);
}

/**
 * The half of it for calls of Jaeger's UI, which sends no type. A browser that says nothing of sites (RFC 6454 is
 * older) still names the page's origin, and that must be the one that it calls.
 * @throws QueryError 403.
 */
export function checkSite({ headers }: FastifyRequest): void {
  const { origin, host, 'sec-fetch-site': site } = headers;
  const isOurs =
    site === undefined
      ? origin === undefined || origin === `http://${host}` || origin === `https://${host}`
      : site === 'same-origin' || site === 'none';
  if (isOurs) return;
  throw new QueryError(403, 'foreign_page', 'pages of other sites may not change anything here');
}
