import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type Encoding, encodeExportResponse, encodeStatus } from '@spanwise/otlp';
import type { ExportOutcome, Exports, OtlpSignal } from '../exports.ts';
import { type RpcStatus, rpcCodes } from '../rpc-codes.ts';
import {
  acceptPost,
  createHttpReceiver,
  exportBody,
  type HttpReceiverSettings,
  pathOf,
  sendText,
  tooLargeMessage,
} from './http-receiver.ts';

const signals: ReadonlyMap<string, OtlpSignal> = new Map([
  ['/v1/traces', 'spans'],
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
]);

const encodings: ReadonlyMap<string, Encoding> = new Map([
  ['application/x-protobuf', 'protobuf'],
  ['application/json', 'json'],
]);

/**
 * OTLP over HTTP. Manners as the reference collector's.
 * (opentelemetry-proto, docs/specification.md, OTLP/HTTP.)
 */
export function createOtlpHttpReceiver(settings: HttpReceiverSettings): Server {
  return createHttpReceiver(settings, (request, response) => answer(settings.exports, request, response));
}

async function answer(exports: Exports, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const signal = signals.get(pathOf(request));
  if (signal === undefined) return void sendText(response, 404, '404 page not found');
  const accepted = acceptPost(request, response, encodings);
  if (accepted === undefined) return;
  const outcome = await exportBody(exports, request, response, { protocol: 'http', signal, ...accepted });
  send(response, signal, accepted.encoding, outcome);
}

function send(
  response: ServerResponse,
  signal: OtlpSignal,
  encoding: Encoding,
  outcome: ExportOutcome,
): void {
  switch (outcome.kind) {
    case 'accepted': {
      const { rejected, message = '' } = outcome;
      const partial = rejected === 0 ? undefined : { rejected, message };
      sendBody(response, 200, encoding, encodeExportResponse(signal, encoding, partial));
      break;
    }
    case 'invalid':
      sendStatus(response, 400, encoding, outcome);
      break;
    case 'unavailable':
      sendStatus(response, 503, encoding, { ...outcome, code: rpcCodes.unavailable });
      break;
    case 'too_large':
      sendStatus(response, 413, encoding, { code: rpcCodes.resourceExhausted, message: tooLargeMessage });
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
