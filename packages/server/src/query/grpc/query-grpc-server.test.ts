import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpanwiseServer } from '../../spanwise-server.ts';
import {
  largeCount,
  largeId,
  modelId,
  ms,
  rootId,
  shortId,
  small,
  start,
  startFilledServer,
  text,
  traceId,
} from '../filled-server.fixture.ts';
import { type Client, call, collect, connect, open } from './grpc-client.fixture.ts';

let filled: Awaited<ReturnType<typeof startFilledServer>>;
let server: SpanwiseServer;

beforeAll(async () => {
  filled = await startFilledServer();
  server = filled.server;
  openClients();
}, 30_000);

afterAll(async () => {
  for (const client of [v2, v3, health, reflection]) client.close();
  await filled.close();
});

let v2: Client;
let v3: Client;
let health: Client;
let reflection: Client;

function openClients(): void {
  const address = server.addresses.queryGrpc;
  v2 = connect(address, 'jaeger/api_v2.proto', 'jaeger.api_v2.QueryService');
  v3 = connect(address, 'jaeger/api_v3.proto', 'jaeger.api_v3.QueryService');
  health = connect(address, 'grpc/health.proto', 'grpc.health.v1.Health');
  reflection = connect(
    address,
    'grpc/reflection/v1/reflection.proto',
    'grpc.reflection.v1.ServerReflection',
    new URL('../proto/', import.meta.resolve('@grpc/reflection')),
  );
}

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const protoTime = (nanos: bigint) => ({
  seconds: String(nanos / 1_000_000_000n),
  nanos: Number(nanos % 1_000_000_000n),
});
const queryWindow = {
  startTimeMin: protoTime(start - 60_000n * ms),
  startTimeMax: protoTime(start + 60_000n * ms),
};

describe.each([
  ['jaeger.api_v2.QueryService', () => v2],
  ['jaeger.api_v3.QueryService', () => v3],
])('%s', (_, client) => {
  it('lists services and operations', async () => {
    expect(await call(client(), 'GetServices', {})).toEqual({ services: ['batch', 'gateway', 'llm-proxy'] });
    expect(await call(client(), 'GetOperations', { service: 'gateway' })).toMatchObject({
      operations: [{ name: 'GET /health' }, { name: 'POST /chat', spanKind: 'server' }],
    });
    expect(await call(client(), 'GetOperations', { service: 'gateway', spanKind: 'server' })).toMatchObject({
      operations: [{ name: 'POST /chat' }],
    });
  });

  it.each([
    ['GetOperations', {}, status.INVALID_ARGUMENT, 'service: required'],
    [
      'GetOperations',
      { service: 'a', spanKind: 'b' },
      status.INVALID_ARGUMENT,
      'span_kind: no such span kind',
    ],
    ['GetDependencies', {}, status.INVALID_ARGUMENT, 'start_time: required'],
    [
      'GetDependencies',
      { startTime: { seconds: '2' }, endTime: { seconds: '1' } },
      status.INVALID_ARGUMENT,
      'end_time: must be after start_time',
    ],
  ])('answers %s %j with %d', async (method, message, code, details) => {
    await expect(call(client(), method, message)).rejects.toMatchObject({
      code,
      details: expect.stringContaining(details),
    });
  });

  it.each([
    [{}, 'query: required'],
    [
      { query: { startTimeMin: { seconds: '2' }, startTimeMax: { seconds: '1' } } },
      'query.start_time_min: must',
    ],
    [{ query: { ...queryWindow, durationMin: { seconds: '-1' } } }, 'query.duration_min: must not be'],
  ])('refuses to search for %j', async (message, details) => {
    await expect(collect(client(), 'FindTraces', message)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(details),
    });
  });

  it('refuses what is no message, and what is too long for one', async () => {
    await expect(call(client(), 'GetOperations', { service: 'a'.repeat(70_000) })).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const path = `/${_}/GetOperations`;
    const asIs = (value: Buffer) => value;
    client().makeUnaryRequest(path, asIs, asIs, Buffer.from([0x0a, 0xff]), resolve);
    expect(await promise).toMatchObject({ code: expect.any(Number) });
    expect(await call(client(), 'GetServices', {})).toBeDefined();
  });

  it('says that it is there', async () => {
    expect(await call(health, 'Check', { service: _ })).toEqual({ status: 'SERVING' });
    await expect(call(health, 'Check', { service: 'nobody' })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });
});

describe('jaeger.api_v2.QueryService', () => {
  const string = (key: string, vStr: string) => ({ key, vType: 'STRING', vStr });

  // As kiali/kiali, tracing/jaeger/grpc_client.go, asks: a duration of zero, tags that nobody has, ids of 16 bytes.
  it('answers Kiali', async () => {
    const query = { ...queryWindow, serviceName: 'gateway', durationMin: { seconds: '0' }, searchDepth: 10 };
    const found = await collect(v2, 'FindTraces', { query: { ...query, tags: { cluster: 'Kubernetes' } } });
    expect(found).toEqual([]);
    const chunks = (await collect(v2, 'FindTraces', { query })) as readonly {
      readonly spans: readonly {
        readonly traceId: Buffer;
        readonly process: { readonly serviceName: string };
      }[];
    }[];
    const spans = chunks.flatMap((chunk) => chunk.spans);
    expect(new Set(spans.map((span) => span.traceId.toString('hex')))).toEqual(new Set([shortId, traceId]));
    expect(spans.every((span) => span.traceId.length === 16 && span.process.serviceName !== '')).toBe(true);
  });

  it('gives a trace', async () => {
    const host = [string('host.name', 'h1')];
    const trace = [
      {
        traceId: bytes(traceId),
        spanId: bytes(rootId),
        operationName: 'POST /chat',
        flags: 257,
        startTime: protoTime(start),
        duration: protoTime(200n * ms),
        tags: [
          string('otel.scope.name', 'lib'),
          string('user', 'two words'),
          { key: 'http.response.status_code', vType: 'INT64', vInt64: '200' },
          string('span.kind', 'server'),
          string('w3c.tracestate', 'a=b'),
        ],
        logs: [
          {
            timestamp: protoTime(start + 5n * ms),
            fields: [string('event', 'retry'), { key: 'attempt', vType: 'INT64', vInt64: '2' }],
          },
        ],
        process: { serviceName: 'gateway', tags: host },
      },
      {
        traceId: bytes(traceId),
        spanId: bytes(modelId),
        operationName: 'chat gpt-4o',
        references: [
          { traceId: bytes(traceId), spanId: bytes(rootId), refType: 'CHILD_OF' },
          { traceId: bytes(shortId), spanId: bytes(rootId), refType: 'FOLLOWS_FROM' },
        ],
        flags: 0,
        startTime: protoTime(start + 30n * ms),
        duration: protoTime(130n * ms),
        tags: [
          string('otel.scope.name', 'lib'),
          string('span.kind', 'client'),
          string('otel.status_code', 'ERROR'),
          { key: 'error', vType: 'BOOL', vBool: true },
          string('otel.status_description', 'too long'),
        ],
        process: { serviceName: 'llm-proxy', tags: host },
      },
    ];
    expect(await collect(v2, 'GetTrace', { traceId: bytes(traceId) })).toEqual([{ spans: trace }]);
    expect(await collect(v2, 'FindTraces', { query: { serviceName: 'llm-proxy' } })).toEqual([
      { spans: trace },
    ]);
  });

  const namesIn = (messages: readonly unknown[]) =>
    (messages as readonly { spans: { operationName: string }[] }[]).flatMap(({ spans }) =>
      spans.map(({ operationName }) => operationName),
    );

  it.each([
    ['everything, newest first', { ...queryWindow }, ['GET /health', 'POST /chat', 'chat gpt-4o']],
    ['a tag', { tags: { 'http.response.status_code': '200' } }, ['POST /chat', 'chat gpt-4o']],
    ['as many as asked for', { ...queryWindow, searchDepth: 1 }, ['GET /health']],
    [
      'a duration',
      { ...queryWindow, durationMax: { nanos: 10_000_000 }, operationName: 'GET /health' },
      ['GET /health'],
    ],
    ['nothing', { serviceName: 'nobody' }, []],
  ])('finds %s', async (_, query, names) => {
    expect(namesIn(await collect(v2, 'FindTraces', { query }))).toEqual(names);
  });

  it('takes an id of 8 bytes', async () => {
    expect(namesIn(await collect(v2, 'GetTrace', { traceId: bytes('ab'.padStart(16, '0')) }))).toEqual([
      'GET /health',
    ]);
  });

  it('gives ten thousand spans to a client that takes 4 MiB a message', async () => {
    const messages = await collect(v2, 'GetTrace', { traceId: bytes(largeId) });
    expect(messages.length).toBeGreaterThan((largeCount * 700) / (4 * 1024 * 1024));
    expect(namesIn(messages)).toEqual(Array.from({ length: largeCount }, (_, index) => `step ${index}`));
  });

  it.each([
    ['GetTrace', { traceId: bytes('12'.padStart(32, '0')) }, status.NOT_FOUND, 'trace not found'],
    ['GetTrace', {}, status.INVALID_ARGUMENT, 'trace_id: '],
    ['GetTrace', { traceId: bytes('0'.repeat(32)) }, status.INVALID_ARGUMENT, 'trace_id: '],
    ['GetTrace', { traceId: bytes('1234') }, status.INVALID_ARGUMENT, 'trace_id: '],
  ])('answers %s %j with %d', async (method, message, code, details) => {
    await expect(collect(v2, method, message)).rejects.toMatchObject({
      code,
      details: expect.stringContaining(details),
    });
  });

  it('archives a trace, or says that there is none', async () => {
    expect(await call(v2, 'ArchiveTrace', { traceId: bytes(traceId) })).toEqual({});
    await expect(call(v2, 'ArchiveTrace', { traceId: bytes('12'.padStart(32, '0')) })).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: 'trace not found',
    });
    await expect(call(v2, 'ArchiveTrace', {})).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('trace_id: '),
    });
  });
});

describe('jaeger.api_v3.QueryService', () => {
  interface TracesData {
    readonly resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[];
  }
  const namesIn = (messages: readonly unknown[]) =>
    (messages as readonly TracesData[]).flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
      ),
    );

  it('gives a trace as OTLP', async () => {
    const [message, ...rest] = (await collect(v3, 'GetTrace', { traceId })) as readonly TracesData[];
    expect(rest).toEqual([]);
    expect(message?.resourceSpans).toHaveLength(2);
    expect(message?.resourceSpans[0]).toEqual({
      resource: { attributes: [text('service.name', 'gateway'), text('host.name', 'h1')] },
      scopeSpans: [
        {
          scope: { name: 'lib' },
          spans: [
            {
              ...small[0][1],
              traceId: bytes(traceId),
              spanId: bytes(rootId),
              kind: 'SPAN_KIND_SERVER',
            },
          ],
        },
      ],
    });
  });

  it.each([
    ['everything, newest first', queryWindow, ['GET /health', 'POST /chat', 'chat gpt-4o']],
    [
      'an attribute',
      { ...queryWindow, attributes: { 'http.response.status_code': '200' } },
      ['POST /chat', 'chat gpt-4o'],
    ],
    ['as many as asked for', { ...queryWindow, searchDepth: 1 }, ['GET /health']],
    [
      'a hundred for less than one',
      { ...queryWindow, searchDepth: -1, operationName: 'GET /health' },
      ['GET /health'],
    ],
    ['a duration', { ...queryWindow, durationMin: { nanos: 200_000_000 } }, ['POST /chat', 'chat gpt-4o']],
    ['nothing', { ...queryWindow, serviceName: 'nobody' }, []],
  ])('finds %s', async (_, query, names) => {
    expect(namesIn(await collect(v3, 'FindTraces', { query }))).toEqual(names);
  });

  it('sums traces up', async () => {
    const query = { ...queryWindow, serviceName: 'llm-proxy' };
    expect(await collect(v3, 'FindTraceSummaries', { query })).toEqual([
      {
        summaries: [
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
      },
    ]);
    expect(await collect(v3, 'FindTraceSummaries', { query: { ...query, serviceName: 'nobody' } })).toEqual(
      [],
    );
  });

  it('gives ten thousand spans to a client that takes 4 MiB a message', async () => {
    const messages = await collect(v3, 'GetTrace', { traceId: largeId });
    expect(messages.length).toBeGreaterThan((largeCount * 700) / (4 * 1024 * 1024));
    expect(namesIn(messages)).toEqual(Array.from({ length: largeCount }, (_, index) => `step ${index}`));
  });

  it('finds by a structured filter', async () => {
    const filter = {
      op: 'and',
      args: [
        {
          call: {
            op: 'gt',
            args: [{ field: { name: 'duration', level: 'span' } }, { scalar: { value: '150ms' } }],
          },
        },
        { call: { op: 'eq', args: [{ attr: { key: 'user' } }, { scalar: { value: 'two words' } }] } },
      ],
    };
    const messages = await collect(v3, 'FindTraces', { query: { ...queryWindow, filter } });
    expect(namesIn(messages)).toEqual(['POST /chat', 'chat gpt-4o']);
  });

  it('goes on when a client has left in the middle', async () => {
    const stream = open(v3, 'GetTrace', { traceId: largeId });
    for await (const message of stream) {
      expect(message).toBeDefined();
      stream.on('error', () => {});
      stream.cancel();
      break;
    }
    expect(await collect(v3, 'GetTrace', { traceId })).toHaveLength(1);
  });

  it.each([
    ['GetTrace', { traceId: '1234' }, status.NOT_FOUND, 'trace not found'],
    ['GetTrace', { traceId: 'xyz' }, status.INVALID_ARGUMENT, 'trace_id: not a trace id: "xyz"'],
    ['GetTrace', {}, status.INVALID_ARGUMENT, 'trace_id: not a trace id: ""'],
    ['FindTraces', { query: {} }, status.INVALID_ARGUMENT, 'query.start_time_min: required'],
    [
      'FindTraceSummaries',
      { query: { startTimeMin: queryWindow.startTimeMin } },
      status.INVALID_ARGUMENT,
      'query.start_time_max: required',
    ],
    [
      'FindTraceSummaries',
      { query: { ...queryWindow, filter: { op: 'exists', args: [{ attr: { key: '' } }] } } },
      status.INVALID_ARGUMENT,
      'query.filter.args[0].attr.key: required',
    ],
  ])('answers %s %j with %d', async (method, message, code, details) => {
    await expect(collect(v3, method, message)).rejects.toMatchObject({
      code,
      details: expect.stringContaining(details),
    });
  });
});

describe('gRPC, around', () => {
  it('is serving', async () => {
    expect(await call(health, 'Check', {})).toEqual({ status: 'SERVING' });
    const watch = open(health, 'Watch', {});
    watch.on('error', () => {});
    for await (const message of watch) {
      expect(message).toEqual({ status: 'SERVING' });
      watch.cancel();
      break;
    }
  });

  it('shows its services and messages to tools', async () => {
    const info = open(reflection, 'ServerReflectionInfo');
    const answers = info[Symbol.asyncIterator]();
    info.write({ listServices: '*' });
    const { value: services } = await answers.next();
    expect(services.listServicesResponse.service.map(({ name }: { name: string }) => name).sort()).toEqual([
      'grpc.health.v1.Health',
      'jaeger.api_v2.QueryService',
      'jaeger.api_v3.QueryService',
    ]);
    for (const symbol of ['jaeger.api_v2.QueryService', 'jaeger.api_v3.TraceQueryParameters']) {
      info.write({ fileContainingSymbol: symbol });
      const { value } = await answers.next();
      expect(value.fileDescriptorResponse.fileDescriptorProto.length).toBeGreaterThan(0);
    }
    info.end();
  });

  it('is counted by method and code', async () => {
    const metrics = await (await fetch(`http://${server.addresses.metrics}/metrics`)).text();
    expect(metrics).toMatch(
      /spanwise_query_duration_seconds_count\{route="\/jaeger.api_v3.QueryService\/GetTrace",status="5"\} 1/,
    );
  });
});
