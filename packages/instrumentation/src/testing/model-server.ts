import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wire, WireEvents, WireRequest } from './wire/wire.ts';

export interface ModelServer {
  /** Without a path. */
  readonly origin: string;
  /** Headers of the requests so far, oldest first. */
  readonly headers: readonly IncomingHttpHeaders[];
  close(): Promise<void>;
}

/**
 * A server that speaks a provider's wire format over a real socket. The model asked for chooses its behaviour:
 * `tools`, `no-usage`, `dies` (socket closed after three chunks), `endless`, `silent` (never answers),
 * `status-NNN`, `busy-once` (a 429, then the answer), `overloaded` (Anthropic: an error in the stream); all
 * others just answer.
 */
export async function startModelServer(wire: Wire): Promise<ModelServer> {
  const headers: IncomingHttpHeaders[] = [];
  let isBusy = true;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    headers.push(request.headers);
    const url = new URL(request.url ?? '/', 'http://server').pathname;
    const asked = readRequest(await readBody(request));
    const { model } = asked;
    if (model === 'silent') return;
    const status = model.startsWith('status-') ? Number(model.slice('status-'.length)) : 200;
    if (status !== 200) return sendJson(response, wire.error(status), status);
    if (model === 'busy-once') {
      isBusy = !isBusy;
      if (!isBusy) return sendJson(response, wire.error(429), 429, { 'retry-after-ms': '1' });
    }
    const streamed = asked.stream === true ? wire.events(url, asked) : undefined;
    if (streamed !== undefined) return sendEvents(response, streamed, model);
    const body = wire.json(url, asked);
    if (body === undefined) sendJson(response, wire.error(404), 404);
    else sendJson(response, body, 200);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Of a form with files only that it is one; a batch names no model. */
function readRequest(body: string): WireRequest {
  return body.startsWith('{') ? { model: '', ...(JSON.parse(body) as object) } : { model: 'form' };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return text;
}

function sendJson(response: ServerResponse, body: object, status: number, headers: object = {}): void {
  const isBytes = Buffer.isBuffer(body);
  const type = isBytes ? 'application/octet-stream' : 'application/json';
  response.writeHead(status, {
    'content-type': type,
    'x-request-id': 'req_1',
    'request-id': 'req_1',
    ...headers,
  });
  response.end(isBytes ? body : JSON.stringify(body));
}

async function sendEvents(
  response: ServerResponse,
  { events, end, filler }: WireEvents,
  model: string,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
  const send = (event: object) => {
    const type = 'type' in event ? `event: ${event.type}\n` : '';
    response.write(`${type}data: ${JSON.stringify(event)}\n\n`);
  };
  for (const [place, event] of events.entries()) {
    if (model === 'dies' && place === 3) {
      await sleep(20);
      response.destroy();
      return;
    }
    // The last two tell the end, and an endless answer has none.
    while (model === 'endless' && place === events.length - 2 && !response.destroyed) {
      send(events[filler] as object);
      await sleep(2);
    }
    send(event);
  }
  response.end(end);
}
