import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ExportOutcome, Exports } from '../exports.ts';
import {
  acceptPost,
  createHttpReceiver,
  exportBody,
  type HttpReceiverSettings,
  pathOf,
  sendText,
  tooLargeMessage,
} from './http-receiver.ts';

const encodings: ReadonlyMap<string, 'zipkin'> = new Map([['application/json', 'zipkin']]);

/** Zipkin v2 spans as JSON: `POST /api/v2/spans`. (openzipkin/zipkin-api, zipkin2-api.yaml.) */
export function createZipkinReceiver(settings: HttpReceiverSettings): Server {
  return createHttpReceiver(settings, (request, response) => answer(settings.exports, request, response));
}

async function answer(exports: Exports, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (pathOf(request) !== '/api/v2/spans') {
    return void sendText(response, 404, '404 page not found; Zipkin v2 spans go to /api/v2/spans');
  }
  const accepted = acceptPost(request, response, encodings);
  if (accepted === undefined) return;
  send(
    response,
    await exportBody(exports, request, response, { protocol: 'zipkin', signal: 'spans', ...accepted }),
  );
}

/** Zipkin has no partial success: spans that were rejected are told in the text, which nobody has to read. */
function send(response: ServerResponse, outcome: ExportOutcome): void {
  switch (outcome.kind) {
    case 'accepted':
      sendText(response, 202, outcome.message ?? '');
      break;
    case 'invalid':
      sendText(response, 400, outcome.message);
      break;
    case 'unavailable':
      sendText(response, 503, outcome.message);
      break;
    case 'too_large':
      sendText(response, 413, tooLargeMessage);
      break;
    case 'aborted':
      response.destroy();
  }
}
