import type { FastifyRequest } from 'fastify';

/** Of the URL as it was sent: repeated parameters keep their order, and no parameter can be a prototype's name. */
export function queryOf(request: FastifyRequest): URLSearchParams {
  const start = request.url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : request.url.slice(start + 1));
}
