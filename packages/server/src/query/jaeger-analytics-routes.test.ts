import { buildTraceColumns } from '@spanwise/analysis';
import { type Trace, traceId } from '@spanwise/model';
import type { TraceQuery, TraceReader } from '@spanwise/store';
import { drawTrace } from '@spanwise/testing';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../limits.ts';
import { jaegerAnalyticsRoutes } from './jaeger-analytics-routes.ts';
import type { QueryContext } from './query-context.ts';
import { toQueryError } from './query-error.ts';

let app: FastifyInstance;
afterEach(() => app.close());

const ids = [traceId('a'.repeat(32)), traceId('b'.repeat(32))] as const;
const now = 1_795_400_000_000;

/** The routes over these traces; what the store is asked stands in `asked`. */
function serve(...traces: readonly Trace[]): { readonly asked: TraceQuery[] } {
  const asked: TraceQuery[] = [];
  const columns = new Map(traces.map((trace) => [trace.traceId, buildTraceColumns(trace)]));
  const reader: Pick<TraceReader, 'findTraceIds' | 'traceColumns' | 'until'> = {
    findTraceIds: async (_, query) => {
      asked.push(query);
      return [...columns.keys()];
    },
    traceColumns: async (_, id) => columns.get(id),
    until() {
      return this as TraceReader;
    },
  };
  app = fastify();
  app.setErrorHandler((error, _, reply) =>
    reply.code(toQueryError(error)?.status ?? 500).send(String(error)),
  );
  jaegerAnalyticsRoutes(app, { reader, tenant: 0, clock: () => now } as unknown as QueryContext);
  return { asked };
}

const asking = `
  web      GET /ask      |====================|  kind=server
    web    POST agent     |==================|   kind=client
      agent  POST /run      |==============|     kind=server
        agent  think          |=|
        agent  chat              |=====|         kind=client
          model  POST /chat       |===|          kind=server
        agent  POST /again               |=|     kind=server
`;

const pathsOf = async (url: string) => {
  const { dependencies } = (await app.inject(url)).json<{
    dependencies: readonly {
      path: readonly { service: string; operation: string }[];
      attributes: readonly { key: string; value: string }[];
    }[];
  }>();
  return dependencies.map(({ path, attributes }) => [
    path.map(({ service, operation }) => `${service} ${operation}`).join(' > '),
    attributes.map(({ value }) => value[0]).join(''),
  ]);
};

describe('deep dependencies', () => {
  it.each(['/api/deep-dependencies', '/analytics/v1/dependencies'])(
    'at %s are the paths through a service, each once, with traces to look at',
    async (path) => {
      serve(...ids.map((id) => drawTrace(asking, { traceId: id })));
      expect(await pathsOf(`${path}?service=agent&start=0&end=0`)).toEqual([
        ['web GET /ask > agent POST /run', 'ab'],
        ['web GET /ask > agent POST /run > model POST /chat', 'ab'],
        ['web GET /ask > agent POST /run > agent POST /again', 'ab'],
      ]);
    },
  );

  it('can be those through one operation, or end at the service', async () => {
    serve(drawTrace(asking, { traceId: ids[0] }));
    expect(await pathsOf('/api/deep-dependencies?service=agent&operation=POST%20/again')).toEqual([
      ['web GET /ask > agent POST /run > agent POST /again', 'a'],
    ]);
    expect(await pathsOf('/api/deep-dependencies?service=model')).toEqual([
      ['web GET /ask > agent POST /run > model POST /chat', 'a'],
    ]);
    expect(await pathsOf('/api/deep-dependencies?service=nobody')).toEqual([]);
  });

  it('begin where a parent is missing, and survive a cycle of parents', async () => {
    serve(
      drawTrace(
        `
        agent    run   |=====|  parent=?
          model  chat   |==|
        a        one     |==|  @one parent=@two
        agent    two     |==|  @two parent=@one
        `,
        { traceId: ids[0] },
      ),
    );
    expect((await pathsOf('/api/deep-dependencies?service=agent')).map(([path]) => path)).toEqual([
      'agent run > model chat',
      'a one > agent two',
    ]);
  });

  it('asks for the newest traces of the window only', async () => {
    const { asked } = serve();
    await pathsOf('/analytics/v1/dependencies?service=agent&start=1000&end=2000');
    const limit = limits.jaegerSampledTraces.value;
    expect(asked).toEqual([{ service: 'agent', startTimeMin: 1_000_000n, startTimeMax: 2_000_000n, limit }]);
  });

  it.each(['', '?service=', '?service=a&start=yesterday', '?service=a&end=-1'])(
    'refuses %j',
    async (query) => {
      serve();
      expect((await app.inject(`/api/deep-dependencies${query}`)).statusCode).toBe(400);
    },
  );
});

interface Answer {
  readonly bannerText: { readonly value: string };
  readonly scores: readonly { readonly key: string; readonly value: number }[];
  readonly metrics: readonly {
    readonly name: string;
    readonly passCount: number;
    readonly failureCount: number;
    readonly failureExamples: readonly { readonly traceID: string; readonly spanIDs: readonly string[] }[];
  }[];
}

describe('quality metrics', () => {
  it('count what a service does well and badly, with examples', async () => {
    const { asked } = serve(
      drawTrace(asking, { traceId: ids[0] }),
      drawTrace(
        `
        agent    run   |=======|   kind=server parent=?
          agent  a      |=|        @twice
          agent  b         |=|     @twice
          model  chat    |==|      kind=server
        `,
        { traceId: ids[1] },
      ),
    );
    const answer = (await app.inject('/api/quality-metrics?service=agent&hours=2')).json<Answer>();
    expect(answer.bannerText.value).toBe('Of the newest 2 traces of the last 2 hours.');
    expect(
      answer.metrics.map(({ name, passCount, failureCount, failureExamples }) => [
        name,
        passCount,
        failureCount,
        failureExamples.map(({ traceID, spanIDs }) => `${traceID[0]}${spanIDs.length}`).join(' '),
      ]),
    ).toEqual([
      ['The trace has a root', 1, 1, 'b1'],
      ['The parent is there', 6, 1, 'b1'],
      ['The id is unique', 5, 2, 'b2'],
      ['The clock agrees', 7, 0, ''],
      ['The kind is said', 7, 0, ''],
    ]);
    // (1/2 + 6/7) / 2 and (5/7 + 1 + 1) / 3
    expect(answer.scores.map(({ value }) => value)).toEqual([67, 90]);
    expect(asked[0]!.startTimeMin).toBe(BigInt(now - 2 * 3_600_000) * 1_000_000n);
  });

  it('see a clock that is wrong', async () => {
    serve(
      drawTrace(
        `
        web      call      |=====|  kind=client
          agent  POST   |==|        kind=server
        `,
        { traceId: ids[0] },
      ),
    );
    const { metrics } = (await app.inject('/api/quality-metrics?service=agent')).json<Answer>();
    expect(metrics.find(({ name }) => name === 'The clock agrees')).toMatchObject({ failureCount: 1 });
  });

  it('are none for a service without spans', async () => {
    serve();
    const answer = (await app.inject('/api/quality-metrics?service=agent')).json<Answer>();
    expect(answer).toMatchObject({
      bannerText: { value: 'No span of agent of the last 24 hours.' },
      scores: [],
    });
    expect(answer.metrics).toEqual([]);
  });

  it.each(['', '?service=a&hours=0', '?service=a&hours=soon', '?service=a&hours=-1'])(
    'refuse %j',
    async (query) => {
      serve();
      expect((await app.inject(`/api/quality-metrics${query}`)).statusCode).toBe(400);
    },
  );
});
