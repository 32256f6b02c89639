import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  SystemResponse,
  TraceAnalysisDto,
  TraceComparisonDto,
  TraceFlameDto,
  TraceGraphDto,
  TraceSkeletonDto,
  TracesResponse,
} from '@spanwise/api';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from './config/load-config.ts';
import { createSpanwiseServer, type SpanwiseServer } from './spanwise-server.ts';

/*
 * One real server on free ports, with the real engine.
 *
 *   5b8e…c60c   gateway       POST /chat       |==================|
 *               llm-proxy       chat gpt-4o       |============|
 *   0000…00ab   gateway       GET /health      |=|   error; 64-bit id
 */
const traceId = '5b8efff798038103d269b633813fc60c';
const shortId = '00000000000000ab';
const rootId = 'eee19b7ec3c1b174';
const modelId = 'eee19b7ec3c1b175';
const start = BigInt(Date.now() - 60_000) * 1_000_000n;
const ms = 1_000_000n;

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const int = (key: string, value: number) => ({ key, value: { intValue: String(value) } });

const spans = {
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'gateway'), text('host.name', 'h1')] },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId: rootId,
              name: 'POST /chat',
              kind: 2,
              startTimeUnixNano: String(start),
              endTimeUnixNano: String(start + 200n * ms),
              attributes: [int('http.response.status_code', 200), text('user', 'two words')],
            },
            {
              traceId: shortId.padStart(32, '0'),
              spanId: rootId,
              name: 'GET /health',
              kind: 2,
              startTimeUnixNano: String(start + 1_000n * ms),
              endTimeUnixNano: String(start + 1_010n * ms),
              status: { code: 2 },
            },
          ],
        },
      ],
    },
    {
      resource: { attributes: [text('service.name', 'llm-proxy')] },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId: modelId,
              parentSpanId: rootId,
              name: 'chat gpt-4o',
              kind: 3,
              startTimeUnixNano: String(start + 30n * ms),
              endTimeUnixNano: String(start + 160n * ms),
              attributes: [
                text('gen_ai.operation.name', 'chat'),
                text('gen_ai.request.model', 'gpt-4o'),
                int('gen_ai.usage.input_tokens', 1200),
                int('gen_ai.usage.output_tokens', 80),
                text('gen_ai.input.messages', 'CANARY'),
              ],
            },
          ],
        },
      ],
    },
  ],
};

const logs = {
  resourceLogs: [
    {
      resource: { attributes: [text('service.name', 'gateway')] },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: String(start + 5n * ms),
              severityNumber: 17,
              severityText: 'ERROR',
              body: { stringValue: 'tool failed' },
              traceId,
              spanId: rootId,
            },
          ],
        },
      ],
    },
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'spanwise-server-'));
let server: SpanwiseServer;
let live: ReadableStreamDefaultReader<string>;

beforeAll(async () => {
  server = createSpanwiseServer(configOf(folder), {
    logger: pino({ level: 'silent' }),
    webDir: join(folder, 'no-build'),
  });
  await server.start();
  const stream = await fetch(`http://${server.addresses.query}/api/v1/live`);
  live = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  await readLive('event: hello');
  expect((await send('/v1/traces', spans)).status).toBe(200);
  expect((await send('/v1/logs', logs)).status).toBe(200);
  stored = await readLive(/event: stored[\s\S]*event: stored/);
}, 30_000);

let stored = '';

afterAll(async () => {
  await server.close(5_000);
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.strategies.json`, { force: true });
});

/** Beside the data folder. */
function strategiesOf(dataDir: string): string {
  const file = `${dataDir}.strategies.json`;
  writeFileSync(file, '{"default_strategy":{"type":"ratelimiting","param":3}}');
  return file;
}

function configOf(dataDir: string) {
  const port = '0';
  return loadConfig({
    flags: {
      dataDir,
      otlpGrpcPort: port,
      otlpHttpPort: port,
      queryPort: port,
      queryGrpcPort: port,
      healthPort: port,
      metricsPort: port,
      samplingPort: port,
      samplingFile: strategiesOf(dataDir),
      zipkinPort: port,
    },
    env: {},
  });
}

/** Reads the live view until what is looked for has come. */
async function readLive(wanted: string | RegExp): Promise<string> {
  let seen = '';
  while (typeof wanted === 'string' ? !seen.includes(wanted) : !wanted.test(seen)) {
    const { value, done } = await live.read();
    if (done) throw new Error(`the live view ended after ${JSON.stringify(seen)}`);
    seen += value;
  }
  return seen;
}

function send(path: string, body: object): Promise<Response> {
  return fetch(`http://${server.addresses.otlpHttp}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://${server.addresses.query}${path}`, init);
}

async function getJson<Body>(path: string): Promise<Body> {
  const response = await get(path);
  expect(response.status).toBe(200);
  return (await response.json()) as Body;
}

interface Envelope {
  readonly data: unknown;
  readonly total: number;
  readonly errors: unknown;
}

describe("Jaeger's legacy API", () => {
  it('lists services', async () => {
    expect(await getJson('/api/services')).toEqual({
      data: ['gateway', 'llm-proxy'],
      total: 2,
      limit: 0,
      offset: 0,
      errors: null,
    });
  });

  it.each([
    [
      '/api/operations?service=gateway',
      [
        { name: 'GET /health', spanKind: 'server' },
        { name: 'POST /chat', spanKind: 'server' },
      ],
    ],
    ['/api/operations?service=gateway&spanKind=client', []],
    ['/api/operations?service=llm-proxy&spanKind=client', [{ name: 'chat gpt-4o', spanKind: 'client' }]],
    ['/api/services/gateway/operations', ['GET /health', 'POST /chat']],
    ['/api/services/nobody/operations', []],
  ])('lists operations: %s', async (path, data) => {
    expect(await getJson<Envelope>(path)).toMatchObject({ data, total: data.length, errors: null });
  });

  it.each([
    ['service=gateway', [shortId, traceId]],
    ['service=gateway&limit=1', [shortId]],
    ['service=gateway&operation=POST%20%2Fchat', [traceId]],
    ['service=gateway&operation=chat', []],
    ['service=gateway&tags=%7B%22http.response.status_code%22%3A%22200%22%7D', [traceId]],
    ['service=gateway&tag=user:two%20words', [traceId]],
    ['service=gateway&tag=host.name:h1&tag=error:true', [shortId]],
    ['service=gateway&tag=resource.host.name:h1&tag=error:false', [traceId]],
    ['service=llm-proxy&tag=host.name:h1', []],
    ['service=gateway&minDuration=200ms', [traceId]],
    ['service=gateway&minDuration=200.001ms', []],
    ['service=gateway&maxDuration=10ms', [shortId]],
    [`service=gateway&start=${start / 1_000n + 1n}`, [shortId]],
    [`service=gateway&end=${start / 1_000n}`, [traceId]],
    [`traceID=${traceId}&traceID=ab&service=ignored`, [traceId, shortId]],
  ])('finds traces: %s', async (query, ids) => {
    const { data, errors } = await getJson<Envelope>(`/api/traces?${query}`);
    expect((data as { traceID: string }[]).map(({ traceID }) => traceID)).toEqual(ids);
    expect(errors).toBeNull();
  });

  it('tells which traces of a list are not there', async () => {
    const { data, errors } = await getJson<Envelope>(`/api/traces?traceID=${traceId}&traceID=cd`);
    expect(data).toHaveLength(1);
    expect(errors).toEqual([{ msg: 'trace not found', traceID: '00000000000000cd' }]);
  });

  it.each([traceId, traceId.toUpperCase(), 'W47/95gDgQPSabYzgT/GDA==', 'W47_95gDgQPSabYzgT_GDA'])(
    'gives a trace by id: %s',
    async (id) => {
      const { data } = await getJson<Envelope>(`/api/traces/${encodeURIComponent(id)}`);
      expect(data).toMatchObject([
        {
          traceID: traceId,
          spans: [
            { spanID: rootId, operationName: 'POST /chat', references: [], duration: 200_000 },
            {
              spanID: modelId,
              references: [{ refType: 'CHILD_OF', traceID: traceId, spanID: rootId }],
              startTime: Number((start + 30n * ms) / 1_000n),
            },
          ],
          processes: { p1: { serviceName: 'gateway' }, p2: { serviceName: 'llm-proxy' } },
        },
      ]);
    },
  );

  it('indents when asked to', async () => {
    expect(await (await get('/api/services?prettyPrint=true')).text()).toContain('\n    "data": [');
    expect(await (await get('/api/services?prettyPrint=false')).text()).not.toContain('\n');
  });

  it.each([
    ['/api/traces', 400, "parameter 'service' is required"],
    ['/api/traces?service=a&limit=x', 400, 'limit'],
    ['/api/traces?service=a&tag=x', 400, 'expecting key:value'],
    ['/api/traces?service=a&tags=%7B%22a%22%3A1%7D', 400, 'tags'],
    ['/api/traces?service=a&minDuration=1', 400, 'minDuration'],
    ['/api/traces?service=a&minDuration=2s&maxDuration=1s', 400, 'maxDuration'],
    ['/api/traces?traceID=zz', 400, 'traceID'],
    ['/api/traces/zz', 400, 'not a trace id'],
    ['/api/traces/0', 400, 'not a trace id'],
    [`/api/traces/${traceId}?start=x`, 400, 'start'],
    ['/api/traces/cd', 404, 'trace not found'],
    ['/api/operations', 400, "parameter 'service' is required"],
    ['/api/operations?service=a&spanKind=x', 400, 'spanKind'],
  ])('answers %s with %i', async (path, status, message) => {
    const response = await get(path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const body = await response.text();
    expect(body.endsWith('\n')).toBe(true);
    expect(JSON.parse(body)).toEqual({
      data: null,
      total: 0,
      limit: 0,
      offset: 0,
      errors: [{ code: status, msg: expect.stringContaining(message) }],
    });
  });
});

describe('/api/v1', () => {
  it('lists services and operations', async () => {
    expect(await getJson('/api/v1/services')).toEqual({ services: ['gateway', 'llm-proxy'] });
    expect(await getJson('/api/v1/operations?service=llm-proxy')).toEqual({
      operations: [{ name: 'chat gpt-4o', kind: 'client' }],
    });
  });

  it.each([
    ['', [shortId.padStart(32, '0'), traceId]],
    ['limit=1', [shortId.padStart(32, '0')]],
    ['service=gateway&tags=user%3D%22two%20words%22', [traceId]],
    ['tags=gen_ai.request.model%3Dgpt-4o', [traceId]],
    ['minDuration=100ms&service=gateway&operation=POST%20%2Fchat&lookback=2d', [traceId]],
    ['tags=error%3Dtrue', [shortId.padStart(32, '0')]],
    [`start=${start / ms}&end=${start / ms}`, [traceId]],
  ])('finds traces: %s', async (query, ids) => {
    const { traces } = await getJson<TracesResponse>(`/api/v1/traces?${query}`);
    expect(traces.map((trace) => trace.traceId)).toEqual(ids);
  });

  it('sums a trace up', async () => {
    const { traces } = await getJson<TracesResponse>('/api/v1/traces?service=llm-proxy');
    expect(traces).toEqual([
      {
        traceId,
        rootService: 'gateway',
        rootName: 'POST /chat',
        startTimeUnixNano: String(start),
        durationNanos: 200_000_000,
        spanCount: 2,
        errorCount: 0,
        orphanCount: 0,
        services: [
          { name: 'gateway', spanCount: 1, errorCount: 0 },
          { name: 'llm-proxy', spanCount: 1, errorCount: 0 },
        ],
        inputTokens: 1200,
        outputTokens: 80,
        cost: (1_200 * 2.5 + 80 * 10) / 1e6,
        unpricedCalls: 0,
        models: ['gpt-4o'],
      },
    ]);
  });

  it.each([
    ['service=nobody', 'unknown_service'],
    ['service=gateway&minDuration=1h', 'nothing_in_window'],
    ['start=0&end=1', 'nothing_in_window'],
  ])('says why nothing was found: %s', async (query, reason) => {
    expect(await getJson(`/api/v1/traces?${query}`)).toMatchObject({ traces: [], emptyReason: reason });
  });

  it('gives the skeleton with a version, and 304 while nothing was added', async () => {
    const response = await get(`/api/v1/traces/${traceId}`);
    const skeleton = (await response.json()) as TraceSkeletonDto;
    expect(skeleton).toMatchObject({
      traceId,
      spanCount: 2,
      spanIds: [rootId, modelId],
      parentRow: [-1, 0],
      startNanos: [0, 30_000_000],
      durationsNanos: [200_000_000, 130_000_000],
      inputTokens: [-1, 1200],
    });
    const etag = response.headers.get('etag')!;
    expect(etag).toBe(`"${skeleton.version}"`);
    for (const [known, status] of [
      [etag, 304],
      [`W/${etag}`, 304],
      [`"other", ${etag}`, 304],
      ['"other"', 200],
    ] as const) {
      const again = await get(`/api/v1/traces/${traceId}`, { headers: { 'if-none-match': known } });
      expect([known, again.status]).toEqual([known, status]);
      await again.arrayBuffer();
    }
  });

  it('analyses a trace, with the version of its skeleton', async () => {
    const { version } = await getJson<TraceSkeletonDto>(`/api/v1/traces/${traceId}`);
    expect(await getJson<TraceAnalysisDto>(`/api/v1/traces/${traceId}/analysis`)).toMatchObject({
      version,
      criticalPath: {
        row: [0, 1, 0],
        startNanos: [0, 30_000_000, 160_000_000],
        endNanos: [30_000_000, 160_000_000, 200_000_000],
      },
      byService: [{ service: 'llm-proxy' }, { service: 'gateway' }],
      bottleneck: {
        row: 1,
        share: 0.65,
        sentence: expect.stringMatching(/^130 of 200\sms in llm-proxy › chat gpt-4o$/),
      },
      usage: { modelCalls: 1, inputTokens: 1200, outputTokens: 80, models: ['gpt-4o'] },
      logCount: 1,
      errorLogCount: 1,
      retries: [],
      queueTimes: [],
      clockCorrections: [],
    });
  });

  it('draws a trace as graph and as flame', async () => {
    expect(await getJson<TraceGraphDto>(`/api/v1/traces/${traceId}/graph`)).toMatchObject({
      services: [{ service: 'gateway' }, { service: 'llm-proxy' }],
      calls: [{ caller: 'gateway', callee: 'llm-proxy', callCount: 1, nanos: 130_000_000 }],
      agents: {
        nodes: [{ kind: 'model', name: 'gpt-4o', inputTokens: 1200 }],
        uses: [{ to: 'model:gpt-4o' }],
      },
    });
    expect(await getJson<TraceFlameDto>(`/api/v1/traces/${traceId}/flame`)).toMatchObject({
      nodes: [
        { parent: -1, selfNanos: 70_000_000, totalNanos: 200_000_000 },
        { parent: 0, name: 'chat gpt-4o', selfNanos: 130_000_000 },
      ],
    });
  });

  it.each([
    ['otlp-json', 'application/json; charset=utf-8', 'otlp.json', /^\{"resourceSpans":\[/],
    ['otlp', 'application/x-protobuf', 'otlp.pb', /llm-proxy/],
    ['jaeger', 'application/json; charset=utf-8', 'jaeger.json', /^\{"data":\[\{"traceID":"5b8e/],
    [
      'csv',
      'text/csv; charset=utf-8',
      'csv',
      /^trace_id,span_id,.*\r\n5b8e.*,gateway,POST \/chat,server,\d{4}-.*\d{9}Z,200,unset,"\{""/,
    ],
  ])('exports a trace as %s', async (format, contentType, ending, content) => {
    const response = await get(`/api/v1/traces/${traceId}/export?format=${format}`);
    expect(response.headers.get('content-type')).toBe(contentType);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="trace-${traceId}.${ending}"`,
    );
    const body = await response.text();
    expect(body).toMatch(content);
    expect(body).not.toContain('CANARY');
  });

  it('compares two traces', async () => {
    expect(
      await getJson<TraceComparisonDto>(`/api/v1/compare?before=${traceId}&after=${traceId}`),
    ).toMatchObject({ rowsBefore: [0, 1], rowsAfter: [0, 1], depth: [0, 1], matchedCount: 2 });
  });

  it('gives spans with typed attributes, and no content', async () => {
    const response = await get(`/api/v1/traces/${traceId}/spans?ids=${rootId},${modelId}`);
    const body = await response.text();
    expect(body).not.toContain('CANARY');
    expect(JSON.parse(body)).toMatchObject({
      spans: [
        {
          spanId: rootId,
          kind: 'server',
          service: 'gateway',
          attributes: expect.arrayContaining([
            { key: 'http.response.status_code', value: { type: 'int', value: '200' } },
            { key: 'user', value: { type: 'string', value: 'two words' } },
          ]),
        },
        { spanId: modelId, parentSpanId: rootId },
      ],
    });
  });

  it('gives the log records of a trace', async () => {
    expect(await getJson(`/api/v1/traces/${traceId}/logs?limit=10`)).toMatchObject({
      logs: [
        {
          traceId,
          spanId: rootId,
          severityNumber: 17,
          severityText: 'ERROR',
          service: 'gateway',
          body: { type: 'string', value: 'tool failed' },
        },
      ],
    });
  });

  it('tells live views what became searchable', () => {
    const events = [...stored.matchAll(/id: (\d+)\nevent: stored\ndata: (.*)\n\n/g)].map(([, id, data]) => ({
      id,
      ...(JSON.parse(data!) as { ingestSeq: string; traceIds: string[] }),
    }));
    for (const { id, ingestSeq } of events) expect(id).toBe(ingestSeq);
    expect(new Set(events.flatMap(({ traceIds }) => traceIds))).toEqual(
      new Set([traceId, shortId.padStart(32, '0')]),
    );
  });

  it('tells how the server is', async () => {
    const { otlpGrpc, otlpHttp } = server.addresses;
    expect(await getJson('/api/v1/status')).toMatchObject({
      engine: { kind: 'embedded', state: 'ready', restarts: 0 },
      accepted: { spans: 3, logs: 1 },
      endpoints: { otlpGrpc: `http://${otlpGrpc}`, otlpHttp: `http://${otlpHttp}` },
      content: 'none',
    });
  });

  it.each([
    ['/api/v1/operations', 'service', 'is required'],
    ['/api/v1/operations?service=', 'service', 'expected a value'],
    ['/api/v1/services?x=1', 'x', 'no such parameter'],
    ['/api/v1/traces?servce=a', 'servce', 'did you mean service?'],
    ['/api/v1/traces?service=a&service=b', 'service', 'more than once'],
    ['/api/v1/traces?__proto__=a', '__proto__', 'no such parameter'],
    ['/api/v1/traces?limit=0', 'limit', 'from 1 to 1500'],
    ['/api/v1/traces?limit=1501', 'limit', 'from 1 to 1500'],
    ['/api/v1/traces?limit=-1', 'limit', 'from 1 to 1500'],
    ['/api/v1/traces?minDuration=5', 'minDuration', 'such as 1.2s'],
    ['/api/v1/traces?minDuration=-5s', 'minDuration', 'such as 1.2s'],
    ['/api/v1/traces?minDuration=2s&maxDuration=1s', 'maxDuration', 'less than minDuration'],
    ['/api/v1/traces?lookback=0s', 'lookback', 'such as 15m'],
    ['/api/v1/traces?lookback=1h&start=1', 'lookback', 'either start or lookback'],
    ['/api/v1/traces?start=2&end=1', 'start', 'after end'],
    ['/api/v1/traces?start=1.5', 'start', 'Unix milliseconds'],
    ['/api/v1/traces?tags=a', 'tags', 'expected key=value'],
    ['/api/v1/traces/xyz', 'traceId', 'hex digits'],
    [`/api/v1/traces/${'0'.repeat(32)}`, 'traceId', 'not all zero'],
    [`/api/v1/traces/${traceId}/spans`, 'ids', 'is required'],
    [`/api/v1/traces/${traceId}/spans?ids=ab`, 'ids', '16 lowercase hex digits'],
    [`/api/v1/traces/${traceId}/logs?limit=5001`, 'limit', 'from 1 to 5000'],
  ])('refuses %s', async (path, parameter, message) => {
    const response = await get(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      type: 'urn:spanwise:error:invalid_parameter',
      title: 'A parameter is not understood',
      status: 400,
      code: 'invalid_parameter',
      detail: expect.stringContaining(message),
      parameter,
    });
  });

  it.each([
    ['/api/v1/traces/cd', 'trace_not_found'],
    ['/api/v1/traces/cd/analysis', 'trace_not_found'],
    ['/api/v1/traces/cd/graph', 'trace_not_found'],
    ['/api/v1/traces/cd/flame', 'trace_not_found'],
    ['/api/v1/compare?before=cd&after=ce', 'trace_not_found'],
    ['/api/v1/nothing', 'not_found'],
    ['/api/nothing', 'not_found'],
    ['/api', 'not_found'],
  ])('has nothing at %s', async (path, code) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code });
  });
});

describe('the query port', () => {
  it('refuses foreign host names', async () => {
    const [host, port] = server.addresses.query.split(':');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest({ host, port, path: '/api/services', headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it.each(['/', '/api/services', '/api/nothing'])('keeps other pages away from %s', async (path) => {
    const { headers } = await get(path);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('says how to build the UI where there is none', async () => {
    const response = await get(`/trace/${traceId}`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build:web');
  });
});

describe('health and metrics', () => {
  it('is well', async () => {
    const response = await fetch(`http://${server.addresses.health}/status`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'StatusOK',
      receivers: { status: 'StatusOK' },
      engine: { status: 'StatusOK', state: 'ready' },
      spool: { status: 'StatusOK', quarantined: { segments: 0 } },
      warnings: [],
    });
  });

  it('tells people the same, with what the metrics say', async () => {
    const response = await get('/api/v1/system');
    expect(response.status).toBe(200);
    const told = (await response.json()) as SystemResponse;
    expect(told).toMatchObject({
      status: 'StatusOK',
      receivers: { status: 'StatusOK', spans: { received: expect.any(Number) } },
      spool: { status: 'StatusOK', quarantined: { segments: 0 } },
      engine: { status: 'StatusOK', kind: 'embedded', restarts: 0 },
    });
    expect(told.receivers.spans.accepted).toBeGreaterThan(0);
    expect(told.spool.commits.count).toBeGreaterThan(0);
    expect(told.engine.inserts.count).toBeGreaterThan(0);
    expect(told.engine.inserts.p99Millis).toBeGreaterThanOrEqual(told.engine.inserts.p50Millis);
    expect(told.engine.queries.map(({ route }) => route)).toContain('/api/v1/services');
    expect(told.process.residentBytes).toBeGreaterThan(1e6);
  });

  it.each([
    ['/', 'GET', 404],
    ['/status', 'POST', 405],
    ['/status', 'HEAD', 200],
  ])('answers %s %s with %i', async (path, method, status) => {
    expect((await fetch(`http://${server.addresses.health}${path}`, { method })).status).toBe(status);
  });

  it('counts what came in, so that it adds up', async () => {
    const bad = structuredClone(spans);
    bad.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.traceId = '00';
    bad.resourceSpans[0]!.scopeSpans[0]!.spans[1]!.name = 'another request';
    expect(await (await send('/v1/traces', bad)).json()).toMatchObject({
      partialSuccess: { rejectedSpans: '1' },
    });
    expect(await (await send('/v1/traces', spans)).json()).toEqual({}); // a repeat
    expect((await send('/v1/traces', { resourceSpans: 1 })).status).toBe(400);
    const metrics = await (await fetch(`http://${server.addresses.metrics}/metrics`)).text();
    for (const line of [
      'spanwise_received_total{signal="spans"} 9',
      'spanwise_accepted_total{signal="spans"} 5',
      'spanwise_rejected_total{signal="spans",reason="trace_id_invalid"} 1',
      'spanwise_repeated_total{signal="spans"} 3',
      'spanwise_refused_requests_total{signal="spans",reason="undecodable"} 1',
      'spanwise_accepted_total{signal="logs"} 1',
      'spanwise_content_dropped_total{service="llm-proxy"}',
      'spanwise_engine_restarts_total 0',
    ]) {
      expect(metrics).toContain(line);
    }
  });
});

describe('a second start', () => {
  it('tells SDKs which share of traces to keep', async () => {
    const response = await fetch(`http://${server.addresses.sampling}/sampling?service=gateway`);
    expect(await response.json()).toEqual({
      strategyType: 'RATE_LIMITING',
      rateLimitingSampling: { maxTracesPerSecond: 3 },
    });
  });

  it('says who owns the data folder, and closes what it had opened', async () => {
    const second = createSpanwiseServer(configOf(folder), { logger: pino({ level: 'silent' }) });
    await expect(second.start()).rejects.toThrow(`in use by process ${process.pid}`);
    expect((await fetch(`http://${server.addresses.health}/status`)).status).toBe(200);
  });
});

describe('Zipkin v2 spans', () => {
  it('are stored like others, without content, but for those with bad ids', async () => {
    const id = '000000000000000086154a4ba6e91385';
    const timestamp = Number(start / 1_000n);
    const span = { traceId: id.slice(16), id: '1a', name: 'pay', kind: 'SERVER', timestamp, duration: 1_000 };
    const response = await fetch(`http://${server.addresses.zipkin}/api/v2/spans`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([
        {
          ...span,
          localEndpoint: { serviceName: 'till' },
          tags: { 'http.method': 'POST', 'gen_ai.prompt': 'CANARY' },
        },
        { ...span, id: 'no id' },
      ]),
    });
    expect([response.status, await response.text()]).toEqual([202, '1 span rejected: span_id_invalid 1']);
    await readLive('event: stored');
    const stored = JSON.stringify(await getJson(`/api/traces/${id}`));
    expect(stored).toContain('"serviceName":"till"');
    expect(stored).not.toContain('CANARY');
  });
});
