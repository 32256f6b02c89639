import { once } from 'node:events';
import { type AddressInfo, createConnection } from 'node:net';
import { status } from '@grpc/grpc-js';
import { traceId } from '@spanwise/model';
import { EngineError, type TraceReader } from '@spanwise/store';
import { drawTrace } from '@spanwise/testing';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import { ServerMetrics } from '../../telemetry/server-metrics.ts';
import { type Client, call, collect, connect, open } from './grpc-client.fixture.ts';
import { QueryGrpcServer } from './query-grpc-server.ts';

const fail = (error: Error) => () => Promise.reject(error);

/** What storage says when it can't answer; `query-grpc-server.test.ts` asks a real one. */
function readerOf(error: Error): TraceReader {
  return {
    services: fail(error),
    operations: fail(error),
    findTraces: fail(error),
    findTraceIds: fail(error),
    summaries: fail(error),
    trace: fail(error),
    traceGroups: fail(error),
    traceColumns: fail(error),
    spans: fail(error),
    logsOfTrace: fail(error),
    findLogs: fail(error),
    series: fail(error),
    serviceCalls: fail(error),
    agentUses: fail(error),
    flaws: fail(error),
    exemplars: fail(error),
    arrivals: fail(error),
    modelUsage: fail(error),
    attributeKeys: fail(error),
    attributeValues: fail(error),
    logCounts: fail(error),
    traceVersion: fail(error),
    searchBounds: fail(error),
    searchSpans: fail(error),
    searchTraceIds: fail(error),
    topTraceIds: fail(error),
    countMatches: fail(error),
    spanHeat: fail(error),
    groupSpans: fail(error),
    topValues: fail(error),
    until() {
      return this;
    },
  };
}

let server: QueryGrpcServer;
let metrics: ServerMetrics;
let client: Client;
let health: Client;

async function start(reader: TraceReader, isReady = true): Promise<void> {
  metrics = new ServerMetrics({
    bytesInFlight: () => 0,
    spool: () => undefined,
    decodeQueue: () => 0,
    engineRestarts: () => 0,
    isEngineReady: () => true,
    liveViews: () => 0,
  });
  const logger = pino({ level: 'silent' });
  server = new QueryGrpcServer({
    reader,
    tenant: 0,
    archiveTrace: () => Promise.reject(new Error('not asked here')),
    metrics,
    logger,
    isReady: () => isReady,
  });
  await once(server.server.listen(0, '127.0.0.1'), 'listening');
  const address = `127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  client = connect(address, 'jaeger/api_v3.proto', 'jaeger.api_v3.QueryService');
  health = connect(address, 'grpc/health.proto', 'grpc.health.v1.Health');
}

afterEach(async () => {
  client.close();
  health.close();
  await server.close(0);
});

const query = { startTimeMin: { seconds: '1' }, startTimeMax: { seconds: '2' } };

describe('storage that does not answer', () => {
  const restarting = new EngineError('restarting: /data/x', { retryable: true });
  const tooSlow = new EngineError('the statement took longer than it may', { retryable: false, code: 159 });

  it.each([
    ['is restarting', restarting, status.UNAVAILABLE],
    ['takes too long', tooSlow, status.DEADLINE_EXCEEDED],
    ['fails in another way', new Error('SELECT secret FROM spans'), status.INTERNAL],
  ])('%s', async (_, error, code) => {
    await start(readerOf(error));
    const details = expect.not.stringMatching(/secret|\/data/);
    await expect(call(client, 'GetServices', {})).rejects.toMatchObject({ code, details });
    await expect(collect(client, 'FindTraces', { query })).rejects.toMatchObject({ code, details });
    await expect(collect(client, 'GetTrace', { traceId: 'ab' })).rejects.toMatchObject({ code, details });
  });
});

describe('connections', () => {
  it('are closed at once beyond their bound', async () => {
    await start(readerOf(new Error('not asked here')));
    expect(server.server.maxConnections).toBe(limits.queryConnections.value);
    server.server.maxConnections = 1;
    const { port } = server.server.address() as AddressInfo;
    const first = createConnection(port, '127.0.0.1');
    await once(first, 'data'); // the server's HTTP/2 settings
    const dropped = once(server.server, 'drop');
    const second = createConnection(port, '127.0.0.1');
    await Promise.all([dropped, once(second, 'close')]);
    first.destroy();
  });
});

describe('a client that reads no further', () => {
  it('is not written to for ever', async () => {
    const [span] = drawTrace('web  GET /  |==|').spans;
    const large = { ...span!, attributes: new Map([['note', 'x'.repeat(65_536)]]) };
    const ids = Array.from({ length: 2_000 }, (_, index) =>
      traceId((index + 1).toString(16).padStart(32, '0')),
    );
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    let asked = 0;
    await start({
      ...readerOf(new Error('not asked here')),
      findTraceIds: async () => ids,
      trace: async (_, id) => {
        asked += 1;
        if (asked === 10) begin();
        return { traceId: id, spans: [large] };
      },
    });
    const stream = open(client, 'FindTraces', { query });
    stream.on('error', () => {});
    // Before its first read, grpc-js' client takes whatever comes.
    stream.once('data', () => stream.pause());
    await begun;
    // The clock of this test: without a bound, the server would answer on between these.
    for (let turn = 0; turn < 200; turn += 1) await call(health, 'Check', {});
    expect(asked).toBeLessThan(100);
    stream.cancel();
  });
});

describe('health', () => {
  it('is told before and after the server is ready', async () => {
    await start(readerOf(new Error('not asked here')), false);
    expect(await call(health, 'Check', {})).toEqual({ status: 'NOT_SERVING' });
  });
});
