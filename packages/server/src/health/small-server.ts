import { createServer, type Server } from 'node:http';
import { limits } from '../limits.ts';

export interface SmallAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A server with one page, for machines: health, metrics, sampling. */
export function createSmallServer(
  path: string,
  answer: (query: URLSearchParams) => SmallAnswer | Promise<SmallAnswer>,
): Server {
  const server = createServer(
    {
      requestTimeout: limits.requestMillis.value,
      headersTimeout: limits.headersMillis.value,
      maxHeaderSize: limits.headerBytes.value,
    },
    async (request, response) => {
      request.resume();
      const isGet = request.method === 'GET' || request.method === 'HEAD';
      const [requested, query] = request.url?.split('?', 2) ?? [];
      if (requested !== path) {
        response.writeHead(404, { 'content-type': 'text/plain' }).end(`there is only ${path}\n`);
      } else if (!isGet) {
        response.writeHead(405, { 'content-type': 'text/plain', allow: 'GET, HEAD' }).end('GET only\n');
      } else {
        const { status, contentType, body } = await answer(new URLSearchParams(query));
        response.writeHead(status, {
          'content-type': contentType,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        });
        response.end(body);
      }
    },
  );
  server.maxConnections = limits.queryConnections.value;
  return server;
}
