import { randomBytes } from 'node:crypto';
import { Agent, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import { closeHttp } from '../../listening/close-http.ts';
import { ServerMetrics } from '../../telemetry/server-metrics.ts';
import { ByteCredit } from '../byte-credit.ts';
import { createExports } from '../exports.ts';
import type { IngestOutcome, IngestRequest } from '../ingest.ts';
import { createOtlpHttpReceiver } from './otlp-http-receiver.ts';

const logged: string[] = [];
const logger = pino({ level: 'warn' }, { write: (line) => logged.push(line) });
let server: Server | undefined;

afterEach(async () => {
  if (server !== undefined) await closeHttp(server, 0);
});

interface Options {
  readonly outcome?: IngestOutcome;
  readonly corsOrigins?: readonly string[];
  readonly creditBytes?: number;
}

/** A receiver on a real socket; what it takes in is noted, and answered with `outcome`. */
async function start({ outcome, corsOrigins, creditBytes }: Options = {}) {
  const taken: IngestRequest[] = [];
  const credit = new ByteCredit(creditBytes ?? limits.bytesInFlight.value);
  const metrics = new ServerMetrics({
    bytesInFlight: () => credit.usedBytes,
    spool: () => undefined,
    decodeQueue: () => 0,
    engineRestarts: () => 0,
    isEngineReady: () => true,
    liveViews: () => 0,
  });
  const exports = createExports({
    ingest: async (request) => {
      taken.push(request);
      return outcome ?? { kind: 'accepted', rejected: 0 };
    },
    credit,
    metrics,
    logger,
  });
  const started = createOtlpHttpReceiver({ exports, corsOrigins: corsOrigins ?? [], logger });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const { port } = started.address() as AddressInfo;
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      body: '{}',
      ...init,
      headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
    });
  return { taken, credit, send, port };
}

const text = Buffer.from('{"resourceSpans":[]}');

describe('OTLP/HTTP receiver', () => {
  it.each([
    ['POST', '/v1/traces', 'application/json', 200],
    ['POST', '/v1/logs', 'application/json; charset=utf-8', 200],
    ['POST', '/v1/metrics', 'application/x-protobuf', 200],
    ['POST', '/v1/traces?x=1', 'Application/JSON', 200],
    ['POST', '/v1/trace', 'application/json', 404],
    ['POST', '/', 'application/json', 404],
    ['GET', '/v1/traces', 'application/json', 405],
    ['HEAD', '/v1/traces', 'application/json', 405],
    ['PUT', '/v1/traces', 'application/json', 405],
    ['OPTIONS', '/v1/traces', 'application/json', 405],
    ['POST', '/v1/traces', 'text/plain', 415],
    ['POST', '/v1/traces', 'application/protobuf', 415],
    ['POST', '/v1/traces', '', 415],
  ])('%s %s with type %j: %i', async (method, path, contentType, status) => {
    const { send } = await start();
    const hasBody = method === 'POST' || method === 'PUT';
    const response = await send(path, {
      method,
      headers: { 'content-type': contentType },
      body: hasBody ? text : null,
    });
    expect(response.status).toBe(status);
    if (status === 405) expect(response.headers.get('allow')).toBe('POST');
  });

  it.each([
    ['identity', text],
    ['gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['gzip', Buffer.concat([gzipSync(text.subarray(0, 5)), gzipSync(text.subarray(5))])],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['zstd', zstdCompressSync(text)],
  ])('undoes %s', async (coding, body) => {
    const { send, taken } = await start();
    const response = await send('/v1/traces', { headers: { 'content-encoding': coding }, body });
    expect(response.status).toBe(200);
    expect(Buffer.from(taken[0]!.body).toString()).toBe(text.toString());
  });

  it.each([
    ['br', text, 415],
    ['gzip', text, 400],
    ['gzip', gzipSync(text).subarray(0, 12), 400],
    ['deflate', Buffer.from('not deflate at all'), 400],
    ['zstd', text, 400],
  ])('answers a body that is not %s', async (coding, body, status) => {
    const { send, taken, credit } = await start();
    const response = await send('/v1/traces', { headers: { 'content-encoding': coding }, body });
    expect(response.status).toBe(status);
    expect(taken).toEqual([]);
    expect(credit.usedBytes).toBe(0);
  });

  it('takes an empty body as an empty request, compressed or not', async () => {
    const { send, taken } = await start();
    for (const headers of [{}, { 'content-encoding': 'gzip' }]) {
      expect((await send('/v1/traces', { headers, body: '' })).status).toBe(200);
    }
    expect(taken.map(({ body }) => body.length)).toEqual([0, 0]);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const)('stops a %s bomb at the limit', async (coding, compress) => {
    const { send, taken, credit } = await start();
    const bomb = compress(Buffer.alloc(limits.requestBytes.value + 1));
    expect(bomb.length).toBeLessThan(100_000);
    const response = await send('/v1/traces', {
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': coding },
      body: bomb,
    });
    expect(response.status).toBe(413);
    // google.rpc.Status in the sender's encoding: RESOURCE_EXHAUSTED, then the message.
    const status = Buffer.from(await response.arrayBuffer());
    expect(status.subarray(0, 3).toString('hex')).toBe('080812');
    expect(status.toString()).toContain('larger than 64 MiB');
    expect(taken).toEqual([]);
    expect(credit.usedBytes).toBe(0);
  });

  it('refuses a length over the limit before the body comes', async () => {
    const { port, taken } = await start();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(
        {
          port,
          path: '/v1/traces',
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'content-length': String(limits.requestBytes.value + 1),
          },
        },
        (response) => {
          resolve(response.statusCode);
          request.destroy();
        },
      );
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(status).toBe(413);
    expect(taken).toEqual([]);
  });

  it('lets a sender finish a request that is too large, so that it reads why', async () => {
    const { send, taken } = await start();
    const body = Buffer.alloc(limits.requestBytes.value + 1);
    for (let round = 0; round < 2; round += 1) {
      const response = await send('/v1/traces', {
        headers: { 'content-type': 'application/x-protobuf' },
        body,
      });
      expect(response.status).toBe(413);
    }
    expect(taken).toEqual([]);
  });

  it('tells a sender to come again when there is no room for the body', async () => {
    const { send, credit } = await start({ creditBytes: 10 });
    const response = await send('/v1/traces', { body: text });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(credit.usedBytes).toBe(0);
  });

  it('answers what comes after a body that it stopped reading, on the same connection', async () => {
    const { port } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = (body: Uint8Array, coding: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { 'content-type': 'application/json', 'content-encoding': coding };
        const request = httpRequest(
          { agent, port, method: 'POST', path: '/v1/traces', headers },
          (response) => {
            response.resume().once('end', () => resolve(response.statusCode ?? 0));
          },
        );
        request.once('error', reject);
        request.end(body);
      });
    // Its first bytes are no gzip; megabytes follow.
    const corrupt = randomBytes(3_000_000);
    const statuses: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      statuses.push(await post(corrupt, 'gzip'), await post(text, 'identity'));
    }
    agent.destroy();
    expect(statuses).toEqual([400, 200, 400, 200, 400, 200]);
  });

  it('drops metrics, and says so once', async () => {
    const { send, taken } = await start();
    logged.length = 0;
    for (const body of ['{}', '{"resourceMetrics":[]}']) {
      const response = await send('/v1/metrics', { body });
      expect([response.status, await response.text()]).toEqual([200, '{}']);
    }
    expect(taken).toEqual([]);
    expect(logged).toEqual([expect.stringContaining('OTLP metrics arrive')]);
  });

  it('gives the credit back after each request', async () => {
    const { send, credit } = await start();
    await send('/v1/traces', { body: gzipSync(text), headers: { 'content-encoding': 'gzip' } });
    expect(credit.usedBytes).toBe(0);
  });

  describe('answers in the encoding of the sender', () => {
    const rejected: IngestOutcome = { kind: 'accepted', rejected: 2, message: '2 spans have no trace id' };
    const invalid: IngestOutcome = { kind: 'invalid', code: 3, message: 'not OTLP' };
    const unavailable: IngestOutcome = { kind: 'unavailable', retryAfterMillis: 2_500, message: 'wait' };

    it.each([
      ['full success', undefined, 200, {}],
      [
        'partial success',
        rejected,
        200,
        { partialSuccess: { rejectedSpans: '2', errorMessage: '2 spans have no trace id' } },
      ],
      ['bad data', invalid, 400, { code: 3, message: 'not OTLP' }],
      [
        'overload',
        unavailable,
        503,
        {
          code: 14,
          message: 'wait',
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2.5s' }],
        },
      ],
    ])('%s as JSON', async (_, outcome, status, body) => {
      const { send } = await start(outcome === undefined ? {} : { outcome });
      const response = await send('/v1/traces');
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toEqual(body);
    });

    it.each([
      ['full success', undefined, 200, ''],
      // Field 1: 26 bytes; in it field 1: varint 2, field 2: 22 bytes.
      ['partial success', { ...rejected, message: 'no' }, 200, '0a 06 08 02 12 02 6e 6f'],
      ['bad data', { ...invalid, message: 'no' }, 400, '08 03 12 02 6e 6f'],
    ] as const)('%s as protobuf', async (_, outcome, status, hex) => {
      const { send } = await start(outcome === undefined ? {} : { outcome });
      const response = await send('/v1/traces', { headers: { 'content-type': 'application/x-protobuf' } });
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/x-protobuf');
      expect(Buffer.from(await response.arrayBuffer()).toString('hex')).toBe(hex.replaceAll(' ', ''));
    });

    it('rounds the time to wait up to seconds', async () => {
      const { send } = await start({ outcome: unavailable });
      expect((await send('/v1/traces')).headers.get('retry-after')).toBe('3');
    });
  });

  describe('CORS', () => {
    const preflight = {
      method: 'OPTIONS',
      body: null,
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    };

    it('lets a listed origin send', async () => {
      const { send } = await start({ corsOrigins: ['https://app.example'] });
      const response = await send('/v1/traces', preflight);
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(response.headers.get('access-control-allow-methods')).toBe('POST');
      expect(response.headers.get('access-control-allow-headers')).toBe('content-type');
      const posted = await send('/v1/traces', { headers: { origin: 'https://app.example' } });
      expect(posted.headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(posted.headers.get('vary')).toBe('Origin');
    });

    it('lets every origin send where all are listed by *, and names the one that asks', async () => {
      const { send, taken } = await start({ corsOrigins: ['*'] });
      const response = await send('/v1/logs', preflight);
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
      const posted = await send('/v1/logs', { headers: { origin: 'null' } });
      expect(posted.headers.get('access-control-allow-origin')).toBe('null');
      expect(posted.headers.get('access-control-allow-credentials')).toBeNull();
      expect(taken).toHaveLength(1);
    });

    it.each([
      ['another origin', ['https://other.example']],
      ['no origin at all', []],
    ])('gives nothing when %s is listed', async (_, corsOrigins) => {
      const { send } = await start({ corsOrigins });
      const response = await send('/v1/traces', preflight);
      expect(response.status).toBe(405);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    });
  });
});
