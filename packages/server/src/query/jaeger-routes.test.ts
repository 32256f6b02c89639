import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpanwiseServer } from '../spanwise-server.ts';
import { startFilledServer, traceId } from './filled-server.fixture.ts';

let filled: Awaited<ReturnType<typeof startFilledServer>>;
let server: SpanwiseServer;

beforeAll(async () => {
  filled = await startFilledServer();
  server = filled.server;
}, 30_000);

afterAll(async () => {
  await filled.close();
});

function post(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://${server.addresses.query}${path}`, { method: 'POST', ...init });
}

describe('POST /api/archive/{id}', () => {
  it.each([{}, { body: 'x', headers: { 'content-type': 'text/plain' } }, { body: new Uint8Array(3) }])(
    'takes a trace, whatever stands in the body: %j',
    async (init) => {
      const response = await post(`/api/archive/${traceId}?start=1&end=2`, init);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ data: [], total: 0, limit: 0, offset: 0, errors: [] });
    },
  );

  it.each([
    ['1234', 404, 'trace not found'],
    ['xyz', 400, 'not a trace id: "xyz"'],
    [`${traceId}?start=now`, 400, 'start: expected microseconds'],
  ])('answers %s with %d', async (path, code, msg) => {
    const response = await post(`/api/archive/${path}`);
    expect(response.status).toBe(code);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.json()).toMatchObject({ data: null, errors: [{ code, msg }] });
  });

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
  ])('hears a page that is sent with %j: %d', async (headers, status) => {
    expect((await post(`/api/archive/${traceId}`, { headers })).status).toBe(status);
  });

  it('hears a page of its own in a browser that names origins only', async () => {
    const headers = { origin: `http://${server.addresses.query}` };
    expect((await post(`/api/archive/${traceId}`, { headers })).status).toBe(200);
  });
});

describe('GET /api/dependencies', () => {
  const get = (query: string) => fetch(`http://${server.addresses.query}/api/dependencies${query}`);

  it('is an empty list where nobody called anybody', async () => {
    const response = await get('?endTs=1000&lookback=1000');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: [], total: 0, limit: 0, offset: 0, errors: null });
  });

  it('names the parameter that is wrong', async () => {
    const response = await get('?lookback=1d');
    expect(response.status).toBe(400);
    const [error] = ((await response.json()) as { errors: { msg: string }[] }).errors;
    expect(error?.msg).toContain("'lookback'");
  });
});

describe('POST /api/transform', () => {
  const nanos = (millis: number) => String(BigInt(millis) * 1_000_000n);
  const span = (id: string, spanId: string, more: object = {}) => ({
    traceId: id.repeat(32),
    spanId: spanId.repeat(16),
    name: 'step',
    startTimeUnixNano: nanos(5),
    endTimeUnixNano: nanos(7),
    ...more,
  });
  const file = (...spans: readonly object[]) =>
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'uploaded' } }] },
          scopeSpans: [{ scope: { name: 'lib' }, spans }],
        },
      ],
    });

  it.each(['text/plain;charset=UTF-8', 'application/json', undefined])(
    'translates what a file holds, sent as %s, and stores nothing',
    async (type) => {
      const body = file(
        span('b', '1', { attributes: [{ key: 'gen_ai.prompt', value: { stringValue: 'hello' } }] }),
        span('a', '2', { events: [{ timeUnixNano: nanos(6), name: 'retry' }], kind: 3, status: { code: 2 } }),
        span('b', '3', { parentSpanId: '1'.repeat(16) }),
      );
      const response = await post('/api/transform', {
        body: type === undefined ? new TextEncoder().encode(body) : body,
        ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('application/json');
      const common = { startTime: 5_000, duration: 2_000, operationName: 'step', processID: 'p1' };
      const tag = (key: string, value: string) => ({ key, type: 'string', value });
      const process = { serviceName: 'uploaded', tags: [] };
      expect(await response.json()).toMatchObject({
        data: [
          {
            traceID: 'b'.repeat(32),
            spans: [
              { ...common, tags: [tag('otel.scope.name', 'lib'), tag('gen_ai.prompt', 'hello')] },
              { ...common, references: [{ refType: 'CHILD_OF', spanID: '1'.repeat(16) }] },
            ],
            processes: { p1: process },
          },
          {
            traceID: 'a'.repeat(32),
            spans: [{ ...common, logs: [{ timestamp: 6_000, fields: [tag('event', 'retry')] }] }],
            processes: { p1: process },
          },
        ],
        total: 0,
        errors: null,
      });
      expect((await fetch(`http://${server.addresses.query}/api/traces/${'b'.repeat(32)}`)).status).toBe(404);
    },
  );

  it.each([
    ['{}', 200],
    ['', 400],
    ['not JSON', 400],
    ['{"resourceSpans": 3}', 400],
    [file({ ...span('a', '1'), traceId: 'ab' }), 400],
    [file({ ...span('a', '1'), spanId: '0'.repeat(16) }), 400],
    [' '.repeat(8 * 1024 * 1024 + 1), 413],
  ])('answers %.40j with %d', async (body, code) => {
    const response = await post('/api/transform', { body });
    expect(response.status).toBe(code);
    if (code === 200) return;
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.json()).toMatchObject({ data: null, errors: [{ code }] });
  });
});
