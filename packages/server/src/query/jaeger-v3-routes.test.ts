import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpanwiseServer } from '../spanwise-server.ts';
import { ms, shortId, small, start, startFilledServer, text, traceId } from './filled-server.fixture.ts';

let filled: Awaited<ReturnType<typeof startFilledServer>>;
let server: SpanwiseServer;

beforeAll(async () => {
  filled = await startFilledServer();
  server = filled.server;
}, 30_000);

afterAll(async () => {
  await filled.close();
});

const rfc3339 = (nanos: bigint) =>
  `${new Date(Number(nanos / ms)).toISOString().slice(0, 19)}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`;
const from = rfc3339(start - 60_000n * ms);
const to = rfc3339(start + 60_000n * ms);
const window = `query.startTimeMin=${from}&query.startTimeMax=${to}`;

function get(path: string): Promise<Response> {
  return fetch(`http://${server.addresses.query}${path}`);
}

async function getJson(path: string): Promise<unknown> {
  const response = await get(path);
  expect([path, response.status]).toEqual([path, 200]);
  expect(response.headers.get('content-type')).toContain('application/json');
  return response.json();
}

describe('GET /api/v3', () => {
  it('lists services and operations', async () => {
    expect(await getJson('/api/v3/services')).toEqual({ services: ['batch', 'gateway', 'llm-proxy'] });
    expect(await getJson('/api/v3/operations?service=gateway')).toEqual({
      operations: [
        { name: 'GET /health', spanKind: 'internal' },
        { name: 'POST /chat', spanKind: 'server' },
      ],
    });
    for (const name of ['spanKind', 'span_kind']) {
      expect(await getJson(`/api/v3/operations?service=gateway&${name}=SERVER`)).toEqual({
        operations: [{ name: 'POST /chat', spanKind: 'server' }],
      });
    }
    expect(await getJson('/api/v3/operations?service=nobody')).toEqual({ operations: [] });
  });

  it.each([traceId, traceId.toUpperCase(), 'W47/95gDgQPSabYzgT/GDA=='.replaceAll('/', '%2F')])(
    'gives the trace %s as OTLP JSON',
    async (id) => {
      expect(await getJson(`/api/v3/traces/${id}?startTime=${from}&rawTraces=true`)).toEqual({
        result: {
          resourceSpans: [
            {
              resource: { attributes: [text('service.name', 'gateway'), text('host.name', 'h1')] },
              scopeSpans: [
                {
                  scope: { name: 'lib' },
                  spans: [
                    {
                      ...small[0][1],
                      status: {},
                    },
                  ],
                },
              ],
            },
            {
              resource: { attributes: [text('service.name', 'llm-proxy'), text('host.name', 'h1')] },
              scopeSpans: [{ scope: { name: 'lib' }, spans: [small[2][1]] }],
            },
          ],
        },
      });
    },
  );

  it('takes a short id', async () => {
    expect(JSON.stringify(await getJson('/api/v3/traces/ab'))).toContain(`"traceId":"${shortId}"`);
  });

  const namesOf = (answer: unknown) =>
    (
      answer as { result: { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] } }
    ).result.resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
    );
  const both = ['GET /health', 'POST /chat', 'chat gpt-4o'];
  const chat = ['POST /chat', 'chat gpt-4o'];
  const attr = (key: string, level = '') => ({ attr: { key, level } });
  const field = (level: string, name: string) => ({ field: { name, level } });
  const scalar = (value: string, type = '') => ({ scalar: { value, type } });
  const call = (op: string, ...args: readonly object[]) => ({ call: { op, args } });
  const json = (value: object) => encodeURIComponent(JSON.stringify(value));

  it.each([
    ['everything in the window', '', both],
    ['a service', 'query.serviceName=llm-proxy', chat],
    ['a service, old spelling', 'query.service_name=llm-proxy', chat],
    ['an operation', 'query.operationName=GET%20/health', ['GET /health']],
    ['an operation, old spelling', 'query.operation_name=GET%20/health', ['GET /health']],
    ['the new spelling before the old', 'query.serviceName=gateway&query.service_name=llm-proxy', both],
    ['the newest only', 'query.searchDepth=1', ['GET /health']],
    ['the newest only, old spelling', 'query.search_depth=1', ['GET /health']],
    ['the newest only, older spelling', 'query.num_traces=1', ['GET /health']],
    ['a shortest duration', 'query.durationMin=150ms', chat],
    ['a shortest duration, old spelling', 'query.duration_min=150ms', chat],
    ['a longest duration', 'query.durationMax=10ms', ['GET /health']],
    ['a longest duration, old spelling', 'query.duration_max=10ms', ['GET /health']],
    ['an attribute, as text', `query.attributes=${json({ 'http.response.status_code': '200' })}`, chat],
    ['an error', `query.attributes=${json({ error: 'true' })}`, chat],
    [
      'a structured filter on fields',
      `query.filter=${json(call('and', call('eq', field('span', 'status'), scalar('error')), call('gt', field('span', 'duration'), scalar('100ms'))).call)}`,
      chat,
    ],
    [
      'a structured filter on attributes of several levels',
      `query.filter=${json(call('or', call('eq', attr('attempt', 'event'), scalar('2')), call('regex', field('span', 'name'), scalar('health'))).call)}`,
      both,
    ],
    [
      'a structured filter that negates',
      `query.filter=${json(call('not', call('eq', attr('http.response.status_code', 'span'), scalar('200', 'int'))).call)}`,
      both,
    ],
    [
      'a structured filter that holds where something is there',
      `query.filter=${json(call('ne', attr('user'), scalar('nobody')).call)}`,
      chat,
    ],
    ['raw', 'query.rawTraces=true&query.raw_traces=0', both],
  ])('finds traces: %s', async (_, query, names) => {
    expect(namesOf(await getJson(`/api/v3/traces?${window}&${query}`))).toEqual(names);
  });

  it('takes the old spelling of times, and offsets', async () => {
    const offset = encodeURIComponent(rfc3339(start + 3_600_000n * ms).replace('Z', '+01:00'));
    const query = `query.start_time_min=${offset}&query.start_time_max=${to}`;
    expect(namesOf(await getJson(`/api/v3/traces?${query}`))).toEqual(both);
    const later = rfc3339(start + 1n);
    const answer = await getJson(`/api/v3/traces?query.start_time_min=${later}&query.start_time_max=${to}`);
    // The root began a nanosecond before; the trace comes for its other span.
    expect(namesOf(answer)).toEqual(both);
    expect(
      await getJson(
        `/api/v3/trace-summaries?query.serviceName=gateway&query.start_time_min=${later}&query.start_time_max=${to}`,
      ),
    ).toMatchObject({ summaries: [{ traceId: shortId }] });
  });

  it('sums traces up', async () => {
    expect(await getJson(`/api/v3/trace-summaries?${window}`)).toEqual({
      summaries: [
        {
          traceId: shortId,
          minStartTimeUnixNano: String(start + 1_000n * ms),
          maxEndTimeUnixNano: String(start + 1_010n * ms),
          spanCount: 1,
          orphanSpanCount: 1,
          services: [{ name: 'gateway', spanCount: 1 }],
        },
        {
          traceId,
          rootServiceName: 'gateway',
          rootOperationName: 'POST /chat',
          minStartTimeUnixNano: String(start),
          maxEndTimeUnixNano: String(start + 200n * ms),
          spanCount: 2,
          errorSpanCount: 1,
          services: [
            { name: 'gateway', spanCount: 1 },
            { name: 'llm-proxy', spanCount: 1, errorSpanCount: 1 },
          ],
        },
      ],
    });
    expect(await getJson(`/api/v3/trace-summaries?${window}&query.serviceName=nobody`)).toEqual({
      summaries: [],
    });
  });

  const time = `query.startTimeMax=${to}&query.startTimeMin`;
  it.each([
    ['/api/v3/traces/1234', 404, 'No traces found'],
    ['/api/v3/traces/xyz', 400, 'malformed parameter trace_id: not a trace id: "xyz"'],
    [`/api/v3/traces/${traceId}?startTime=now`, 400, 'malformed parameter startTime: '],
    [`/api/v3/traces/${traceId}?end_time=now`, 400, 'malformed parameter end_time: '],
    [`/api/v3/traces/${traceId}?raw_traces=si`, 400, 'malformed parameter raw_traces: '],
    ['/api/v3/operations', 400, 'malformed parameter service: it is required'],
    ['/api/v3/operations?service=a&span_kind=b', 400, 'span_kind: no such span kind: "b"'],
    [`/api/v3/traces?${window}&query.serviceName=nobody`, 404, 'No traces found'],
    ['/api/v3/traces', 400, 'query.startTimeMin and query.startTimeMax are required'],
    [`/api/v3/traces?${time}=`, 400, 'query.startTimeMin and query.startTimeMax are required'],
    [`/api/v3/traces?${time}=2026-02-30T00:00:00Z`, 400, 'malformed parameter query.startTimeMin: '],
    [`/api/v3/traces?${time}=1700000000`, 400, 'malformed parameter query.startTimeMin: '],
    [`/api/v3/traces?${time}=${to}`, 400, 'query.startTimeMin must be before query.startTimeMax'],
    [`/api/v3/traces?${window}&query.searchDepth=ten`, 400, 'malformed parameter query.searchDepth: '],
    [`/api/v3/traces?${window}&query.num_traces=0`, 400, 'malformed parameter query.num_traces: '],
    [`/api/v3/traces?${window}&query.duration_max=5`, 400, 'malformed parameter query.duration_max: '],
    [`/api/v3/traces?${window}&query.rawTraces=si`, 400, 'malformed parameter query.rawTraces: '],
    [`/api/v3/traces?${window}&query.attributes=x`, 400, 'malformed parameter query.attributes: '],
    [
      `/api/v3/traces?${window}&query.attributes=${json({ a: 1 })}`,
      400,
      'malformed parameter query.attributes: expecting a JSON object whose values are strings',
    ],
    [`/api/v3/trace-summaries?${window}&query.filter={}`, 400, 'malformed parameter query.filter.op: '],
    ['/api/v3/trace-summaries', 400, 'query.startTimeMin and query.startTimeMax are required'],
  ])('answers %s with %d %s', async (path, httpCode, message) => {
    const response = await get(path);
    expect(response.status).toBe(httpCode);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const body = await response.text();
    expect(body.endsWith('\n')).toBe(true);
    expect(JSON.parse(body)).toEqual({ error: { httpCode, message: expect.stringContaining(message) } });
  });
});
