import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemContentType, QueryError, toProblem } from './query-error.ts';
import { securityHeaders } from './security-headers.ts';

/** Answers what is no HTTP request, or one with too many headers; then nothing more comes on this connection. */
export function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statuses[error.code ?? ''] ?? 400;
  const problem = toProblem(new QueryError(status, 'bad_request', STATUS_CODES[status] ?? ''));
  const body = JSON.stringify(problem);
  const headers = Object.entries({
    ...securityHeaders,
    'content-type': problemContentType,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('')}\r\n${body}`);
}

/** (Node.js, http, event `clientError`.) */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
