import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { closeHttp } from '../../listening/close-http.ts';
import type { ExportOutcome, ExportRequest } from '../exports.ts';
import { createZipkinReceiver } from './zipkin-receiver.ts';

let server: Server | undefined;

afterEach(async () => {
  if (server !== undefined) await closeHttp(server, 0);
});

/** A receiver on a real socket that answers with `outcome`. */
async function start(outcome: ExportOutcome = { kind: 'accepted', rejected: 0 }, corsOrigins: string[] = []) {
  const taken: Pick<ExportRequest, 'protocol' | 'signal' | 'encoding' | 'coding'>[] = [];
  const started = createZipkinReceiver({
    exports: async ({ protocol, signal, encoding, coding }) => {
      taken.push({ protocol, signal, encoding, coding });
      return outcome;
    },
    corsOrigins,
    logger: pino({ level: 'silent' }),
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const { port } = started.address() as AddressInfo;
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      body: '[]',
      ...init,
      headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
    });
  return { taken, send };
}

describe('Zipkin receiver', () => {
  it.each([
    ['POST', '/api/v2/spans', 'application/json', 202],
    ['POST', '/api/v2/spans', 'application/json; charset=utf-8', 202],
    ['POST', '/api/v2/spans', 'application/x-protobuf', 415],
    ['POST', '/api/v1/spans', 'application/json', 404],
    ['POST', '/v1/traces', 'application/json', 404],
    ['PUT', '/api/v2/spans', 'application/json', 405],
  ])('%s %s with type %j: %i', async (method, path, contentType, status) => {
    const { send } = await start();
    expect((await send(path, { method, headers: { 'content-type': contentType } })).status).toBe(status);
  });

  it('hands the body on as it came, compressed or not', async () => {
    const { send, taken } = await start();
    await send('/api/v2/spans', { headers: { 'content-encoding': 'gzip' }, body: gzipSync('[]') });
    expect(taken).toEqual([{ protocol: 'zipkin', signal: 'spans', encoding: 'zipkin', coding: 'gzip' }]);
  });

  it.each<[ExportOutcome, number, string]>([
    [
      { kind: 'accepted', rejected: 1, message: '1 span rejected: trace_id_invalid 1' },
      202,
      '1 span rejected: trace_id_invalid 1',
    ],
    [{ kind: 'invalid', code: 3, message: 'not Zipkin v2 spans' }, 400, 'not Zipkin v2 spans'],
    [{ kind: 'unavailable', retryAfterMillis: 1_500, message: 'wait' }, 503, 'wait'],
    [{ kind: 'too_large' }, 413, 'the request is larger than 64 MiB; send smaller batches'],
  ])('tells %j', async (outcome, status, text) => {
    const { send } = await start(outcome);
    const response = await send('/api/v2/spans');
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(text);
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '2' : null);
  });

  it('lets a page of a listed origin send', async () => {
    const { send } = await start(undefined, ['https://app.example']);
    const response = await send('/api/v2/spans', { headers: { origin: 'https://app.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
  });
});
