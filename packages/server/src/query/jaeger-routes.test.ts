import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpanwiseServer } from '../spanwise-server.ts';
import { ms, start, startFilledServer, traceId } from './filled-server.fixture.ts';

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

/** What a client takes out of an answer: the names that stand at a path, `*` being each entry of a list. */
function at(answer: unknown, path: string): readonly unknown[] {
  let found: readonly unknown[] = [answer];
  for (const name of path.split('.')) {
    found = found.flatMap((value) =>
      name === '*' ? Object.values(value as object) : [(value as Readonly<Record<string, unknown>>)[name]],
    );
  }
  return found;
}

/*
 * What other programs ask, with the spelling that they use. (grafana/grafana, pkg/tsdb/jaeger/client.go and
 * grpc_client.go; kiali/kiali, tracing/jaeger/http_client.go; both read in November 2026.)
 */
describe('other clients of Jaeger', () => {
  const micros = (nanos: bigint) => String(nanos / 1_000n);
  const millis = (nanos: bigint) => String(nanos / ms);
  const seconds = (nanos: bigint) => String((nanos / 1_000_000_000n) * 1_000_000n);
  const time = (nanos: bigint) => new Date(Number(nanos / ms)).toISOString();
  const from = start - 60_000n * ms;
  const to = start + 60_000n * ms;
  const query = (values: Readonly<Record<string, string>>) => new URLSearchParams(values).toString();

  it.each([
    ['Grafana: health, services', '/api/services', 'data.*', ['batch', 'gateway', 'llm-proxy']],
    ['Grafana: operations', '/api/services/gateway/operations', 'data.*', ['GET /health', 'POST /chat']],
    [
      'Grafana: search, without times',
      `/api/traces?${query({
        limit: '20',
        maxDuration: '1.2s',
        minDuration: '100ms',
        operation: 'POST /chat',
        service: 'gateway',
        tags: '{"http.response.status_code":"200","user":"two words"}',
      })}`,
      'data.*.traceID',
      [traceId],
    ],
    [
      'Grafana: services of a trace in a list',
      `/api/traces?${query({ service: 'llm-proxy', limit: '1' })}`,
      'data.*.processes.*.serviceName',
      ['gateway', 'llm-proxy'],
    ],
    [
      'Grafana: a trace, with times',
      `/api/traces/${traceId}?${query({ start: micros(from), end: micros(to) })}`,
      'data.*.spans.*.operationName',
      ['POST /chat', 'chat gpt-4o'],
    ],
    [
      'Grafana: service graph',
      `/api/dependencies?${query({ endTs: millis(to), lookback: '3600000' })}`,
      'errors',
      [null],
    ],
    ['Grafana, version 3: services', '/api/v3/services', 'services.*', ['batch', 'gateway', 'llm-proxy']],
    [
      'Grafana, version 3: operations',
      '/api/v3/operations?service=gateway',
      'operations.*.name',
      ['GET /health', 'POST /chat'],
    ],
    [
      'Grafana, version 3: search, times without escapes',
      `/api/v3/traces?${query({
        'query.attributes': '{"user":"two words"}',
        'query.duration_min': '100ms',
        'query.operation_name': 'POST /chat',
        'query.service_name': 'gateway',
      })}&query.start_time_min=${time(from)}&query.start_time_max=${time(to)}`,
      'result.resourceSpans.*.scopeSpans.*.spans.*.traceId',
      [traceId, traceId],
    ],
    [
      'Grafana, version 3: a trace, with times',
      `/api/v3/traces/${traceId}?start_time=${time(from)}&end_time=${time(to)}`,
      'result.resourceSpans.*.scopeSpans.*.spans.*.name',
      ['POST /chat', 'chat gpt-4o'],
    ],
    ['Kiali: status, services', '/api/services', 'data.*', ['batch', 'gateway', 'llm-proxy']],
    [
      'Kiali: is there a cluster tag',
      `/api/traces?${query({
        end: seconds(to),
        limit: '100',
        service: 'batch',
        start: seconds(from),
        tags: '{"cluster":"Kubernetes"}',
      })}`,
      'data',
      [[]],
    ],
    [
      'Kiali: traces of an application',
      `/api/traces?${query({
        end: seconds(to),
        limit: '100',
        minDuration: '150000us',
        service: 'gateway',
        start: seconds(from),
      })}`,
      'data.*.traceID',
      [traceId],
    ],
    ['Kiali: a trace', `/api/traces/${traceId}`, 'data.*.spans.*.process', [undefined, undefined]],
  ])('%s', async (_, path, read, expected) => {
    const response = await fetch(`http://${server.addresses.query}${path}`, {
      headers: { accept: 'application/json', 'content-type': 'application/json' },
    });
    expect([path, response.status]).toEqual([path, 200]);
    expect(at(await response.json(), read)).toEqual(expected);
  });

  it('Kiali: a trace that is not there has no data, but errors', async () => {
    const response = await fetch(`http://${server.addresses.query}/api/traces/${'e'.repeat(32)}`);
    expect(await response.json()).toMatchObject({
      data: null,
      errors: [{ code: 404, msg: 'trace not found' }],
    });
  });
});
