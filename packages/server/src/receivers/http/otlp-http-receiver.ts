import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Encoding, encodeExportResponse, encodeStatus } from '@spanwise/otlp';
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import type { ExportOutcome, Exports, OtlpSignal } from '../exports.ts';
import { findContentCoding } from '../read-body.ts';
import { type RpcStatus, rpcCodes } from '../rpc-codes.ts';
import { corsHeaders } from './cors.ts';

export interface OtlpHttpReceiverSettings {
  readonly exports: Exports;
  /** Origins, or `*`. */
  readonly corsOrigins: readonly string[];
  readonly logger: Logger;
}

const signals: ReadonlyMap<string, OtlpSignal> = new Map([
  ['/v1/traces', 'spans'],
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
]);

const encodings = new Map<string, Encoding>([
  ['application/x-protobuf', 'protobuf'],
  ['application/json', 'json'],
]);

/**
 * OTLP over HTTP. Plain `node:http`, because what to do with a body (credit, decompression with a bound) must be
 * decided before it is read, and there is nothing here that a framework would route or parse.
 * Manners as the reference collector's. (opentelemetry-proto, docs/specification.md, OTLP/HTTP.)
 */
export function createOtlpHttpReceiver(settings: OtlpHttpReceiverSettings): Server {
  const server = createServer(
    {
      requestTimeout: limits.requestMillis.value,
      headersTimeout: limits.headersMillis.value,
      maxHeaderSize: limits.headerBytes.value,
      // Exporters come every few seconds; a connection that is closed under them costs a failed export.
      keepAliveTimeout: 75_000,
    },
    (request, response) => {
      answer(settings, request, response).catch((error: unknown) => {
        settings.logger.error({ err: error }, 'an OTLP/HTTP request failed');
        if (!response.headersSent) sendText(response, 500, 'internal error');
        else response.destroy();
      });
    },
  );
  server.maxConnections = limits.connectionsPerReceiver.value;
  return server;
}

async function answer(
  { exports, corsOrigins }: OtlpHttpReceiverSettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.on('error', () => {}); // the client broke off: nobody is left to tell
  for (const [name, value] of corsHeaders(request, corsOrigins)) response.setHeader(name, value);
  const path = request.url?.split('?', 1)[0] ?? '';
  const signal = signals.get(path);
  if (signal === undefined) return void sendText(response, 404, '404 page not found');
  if (request.method === 'OPTIONS' && response.hasHeader('access-control-allow-methods')) {
    response.writeHead(204).end();
    return;
  }
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    return void sendText(response, 405, '405 method not allowed, supported: [POST]');
  }
  const encoding = encodings.get(mediaTypeOf(request));
  if (encoding === undefined) {
    return void sendText(
      response,
      415,
      '415 unsupported media type, supported: [application/json, application/x-protobuf]',
    );
  }
  const coding = findContentCoding(request.headers['content-encoding']);
  if (coding === undefined) {
    response.setHeader('accept-encoding', 'gzip, deflate, zstd');
    return void sendText(response, 415, '415 unsupported content encoding, supported: [gzip, deflate, zstd]');
  }
  const length = request.headers['content-length'];
  const outcome = await exports({
    protocol: 'http',
    signal,
    encoding,
    source: request.iterator({ destroyOnReturn: false }),
    coding,
    encodedBytes: length === undefined ? undefined : Number(length),
  });
  // What was not worth reading still comes, in front of the next request. It ends with the request's time at last.
  if (!request.complete) request.resume();
  send(response, signal, encoding, outcome, length);
}

function send(
  response: ServerResponse,
  signal: OtlpSignal,
  encoding: Encoding,
  outcome: ExportOutcome,
  length: string | undefined,
): void {
  switch (outcome.kind) {
    case 'accepted': {
      const { rejected, message = '' } = outcome;
      const partial = rejected === 0 ? undefined : { rejected, message };
      sendBody(response, 200, encoding, encodeExportResponse(signal, encoding, partial));
      break;
    }
    case 'invalid':
      sendStatus(response, 400, encoding, { code: outcome.code, message: outcome.message });
      break;
    case 'unavailable': {
      const { message, retryAfterMillis } = outcome;
      response.setHeader('retry-after', String(Math.ceil(retryAfterMillis / 1_000)));
      sendStatus(response, 503, encoding, { code: rpcCodes.unavailable, message, retryAfterMillis });
      break;
    }
    case 'too_large':
      // The rest is not worth receiving where there may be much of it. A little is, since a sender that is still
      // writing would see a broken connection instead of this answer, and send it all again.
      if (length === undefined || Number(length) > limits.requestBytes.value) {
        response.setHeader('connection', 'close');
      }
      sendStatus(response, 413, encoding, {
        code: rpcCodes.resourceExhausted,
        message: 'the request is larger than 64 MiB; send smaller batches',
      });
      break;
    case 'aborted':
      response.destroy();
  }
}

function sendStatus(response: ServerResponse, http: number, encoding: Encoding, status: RpcStatus): void {
  const { code, message, retryAfterMillis } = status;
  sendBody(response, http, encoding, encodeStatus(encoding, code, message, retryAfterMillis));
}

function sendBody(response: ServerResponse, http: number, encoding: Encoding, body: Uint8Array): void {
  response.writeHead(http, {
    'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function sendText(response: ServerResponse, status: number, text: string): void {
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
