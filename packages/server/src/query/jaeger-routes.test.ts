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
