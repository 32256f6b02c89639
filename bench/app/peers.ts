import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { RequestDecoder } from '../../packages/server/src/pipeline/request-decoder.ts';

/*
 * What stands around the gateways: a model that streams as OpenAI does, a folder of documents, and a receiver of
 * OTLP that keeps what it gets until it is asked to count. A fake on purpose: it costs the same for everyone.
 */

const CHUNKS = 40;
const CHUNKS_PER_WRITE = 8;
const PAUSE_MILLIS = 4;
const texts = Array.from({ length: 4 }, (_, index) => `Page ${index} of the handbook. `.repeat(20));

export interface Received {
  readonly requests: number;
  /** Bodies as sent: compressed, without headers. */
  readonly bytes: number;
  readonly spans: number;
}

const bodies = new Map<string, { readonly body: Buffer; readonly isCompressed: boolean }[]>();

const server = createServer(async (request, response) => {
  const body = await readBody(request);
  const [, first = '', second] = (request.url ?? '').split('/');
  if (first === 'documents') {
    await delay(2);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ texts }));
  } else if (first === 'v1') {
    await stream(response);
  } else if (second === 'v1' && (request.url ?? '').endsWith('/traces')) {
    const received = bodies.get(first) ?? [];
    received.push({ body, isCompressed: request.headers['content-encoding'] === 'gzip' });
    bodies.set(first, received);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  } else {
    response.writeHead(200).end();
  }
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', (variant: string) => process.send?.(count(variant)));
process.on('disconnect', () => process.exit());

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function stream(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5-mini-2026' };
  const event = (fields: object) => `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
  for (let sent = 0; sent < CHUNKS; sent += CHUNKS_PER_WRITE) {
    await delay(PAUSE_MILLIS);
    const piece = event({ choices: [{ index: 0, delta: { content: 'a few words ' }, finish_reason: null }] });
    response.write(piece.repeat(CHUNKS_PER_WRITE));
  }
  response.write(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
  const usage = { prompt_tokens: 500, completion_tokens: CHUNKS, total_tokens: 500 + CHUNKS };
  response.write(event({ choices: [], usage }));
  response.end('data: [DONE]\n\n');
}

function count(variant: string): Received {
  const decoder = new RequestDecoder({
    contentMode: 'none',
    retentionMillis: { spans: 14 * 86_400_000, logs: 7 * 86_400_000 },
  });
  const received = bodies.get(variant) ?? [];
  let bytes = 0;
  let spans = 0;
  for (const { body, isCompressed } of received) {
    bytes += body.length;
    const result = decoder.decode({
      signal: 'spans',
      encoding: 'protobuf',
      body: isCompressed ? gunzipSync(body) : body,
      tenant: 0,
      receivedAtMillis: Date.now(),
    });
    if (result.kind !== 'rows') throw new Error(`${variant} sent what cannot be decoded`);
    spans += result.rowCount;
  }
  return { requests: received.length, bytes, spans };
}
