import type { FastifyRequest } from 'fastify';
import { QueryError } from './query-error.ts';

/**
 * For calls that change something. A page of another site can make a browser send simple requests here, cookies or
 * not, from inside the network; it can't send these types without asking first (CORS), and its browser says that
 * the page is foreign. Programs send no `Sec-Fetch-Site`. (Fetch, "CORS-safelisted request-header"; Fetch Metadata.)
 * @throws QueryError 403 or 415.
 */
export function checkChange(request: FastifyRequest, types: readonly string[]): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new QueryError(403, 'foreign_page', 'pages of other sites may not change anything here');
  }
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (types.includes(type)) return;
  throw new QueryError(415, 'bad_request', `expected Content-Type ${types.join(' or ')}`);
}
