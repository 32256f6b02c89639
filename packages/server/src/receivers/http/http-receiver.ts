import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import type { ExportOutcome, ExportRequest, Exports } from '../exports.ts';
import { type ContentCoding, findContentCoding } from '../read-body.ts';
import { corsHeaders } from './cors.ts';

export interface HttpReceiverSettings {
  readonly exports: Exports;
  /** Origins, or `*`. */
  readonly corsOrigins: readonly string[];
  readonly logger: Logger;
}

/**
 * What the receivers over HTTP have in common. Plain `node:http`, because what to do with a body (credit,
 * decompression with a bound) must be decided before it is read, and there is nothing here that a framework would
 * route or parse.
 */
export function createHttpReceiver(
  { corsOrigins, logger }: HttpReceiverSettings,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Server {
  const server = createServer(
    {
      requestTimeout: limits.requestMillis.value,
      headersTimeout: limits.headersMillis.value,
      maxHeaderSize: limits.headerBytes.value,
      // Exporters come every few seconds; a connection that is closed under them costs a failed export.
      keepAliveTimeout: 75_000,
    },
    (request, response) => {
      response.on('error', () => {}); // the client broke off: nobody is left to tell
      for (const [name, value] of corsHeaders(request, corsOrigins)) response.setHeader(name, value);
      answer(request, response).catch((error: unknown) => {
        logger.error({ err: error }, 'a request over HTTP failed');
        if (!response.headersSent) sendText(response, 500, 'internal error');
        else response.destroy();
      });
    },
  );
  server.maxConnections = limits.connectionsPerReceiver.value;
  return server;
}

/** Path without query. */
export function pathOf(request: IncomingMessage): string {
  return request.url?.split('?', 1)[0] ?? '';
}

/**
 * Answers what is no POST of a known content type and compression.
 * Absence: undefined when it was answered.
 */
export function acceptPost<Encoding>(
  request: IncomingMessage,
  response: ServerResponse,
  encodings: ReadonlyMap<string, Encoding>,
): { readonly encoding: Encoding; readonly coding: ContentCoding } | undefined {
  if (request.method === 'OPTIONS' && response.hasHeader('access-control-allow-methods')) {
    response.writeHead(204).end();
    return undefined;
  }
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    sendText(response, 405, '405 method not allowed, supported: [POST]');
    return undefined;
  }
  const encoding = encodings.get(mediaTypeOf(request));
  if (encoding === undefined) {
    const supported = [...encodings.keys()].sort().join(', ');
    sendText(response, 415, `415 unsupported media type, supported: [${supported}]`);
    return undefined;
  }
  const coding = findContentCoding(request.headers['content-encoding']);
  if (coding === undefined) {
    response.setHeader('accept-encoding', 'gzip, deflate, zstd');
    sendText(response, 415, '415 unsupported content encoding, supported: [gzip, deflate, zstd]');
    return undefined;
  }
  return { encoding, coding };
}

/** Hands the body on, and sets the headers that the outcome asks for: `retry-after`, `connection`. */
export async function exportBody(
  exports: Exports,
  request: IncomingMessage,
  response: ServerResponse,
  how: Pick<ExportRequest, 'protocol' | 'signal' | 'encoding' | 'coding'>,
): Promise<ExportOutcome> {
  const length = request.headers['content-length'];
  const outcome = await exports({
    ...how,
    source: request.iterator({ destroyOnReturn: false }),
    encodedBytes: length === undefined ? undefined : Number(length),
  });
  // What was not worth reading still comes, in front of the next request. It ends with the request's time at last.
  if (!request.complete) request.resume();
  if (outcome.kind === 'unavailable') {
    response.setHeader('retry-after', String(Math.ceil(outcome.retryAfterMillis / 1_000)));
  }
  // A sender that is still writing would see a broken connection instead of this answer, and send it all again; so
  // the rest is received, unless there may be no end to it.
  if (
    outcome.kind === 'too_large' &&
    (length === undefined || Number(length) > limits.refusedBodyBytes.value)
  ) {
    response.setHeader('connection', 'close');
  }
  return outcome;
}

export const tooLargeMessage = 'the request is larger than 64 MiB; send smaller batches';

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

/** Without parameters: `application/json; charset=utf-8` is fine. */
function mediaTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}
