import { inspect } from 'node:util';
import { context, propagation, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { configureCapture } from '../../privacy/content-capture.ts';
import { traced } from '../../traced/traced.ts';
import { type ModelServer, startModelServer } from '../model-server.ts';
import { drawTree, type SpanRecorder } from '../span-recorder.ts';
import { CANARY, type Wire } from '../wire/wire.ts';
import {
  type CaseOptions,
  type CaseRequest,
  type ConformanceCase,
  conformanceCases,
  type ExpectedSpan,
  readAll,
} from './cases.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { ExpectedFigures, ModelApi } from './model-clients.ts';

/** The constructor of a client that Stainless made; each major has types of its own. */
export type ClientClass = new (options: ClientOptions) => object;

export interface ClientOptions {
  readonly apiKey: string;
  readonly baseURL: string;
  readonly fetch?: (url: never, init: never) => unknown;
}

export interface ConformanceSubject {
  readonly recorder: SpanRecorder;
  readonly wire: Wire;
  readonly provider: string;
  readonly apis: readonly ModelApi[];
  readonly versions: readonly (readonly [version: string, load: () => Promise<ClientClass>])[];
  wrap<Client extends object>(client: Client): Client;
}

/** A port that fetch does not refuse by itself, and where nothing ever listens. */
const NOBODY = 'http://127.0.0.1:2';

const CALLER = 'caller';

/** A client that passes the active context on, as an instrumentation of fetch does. */
const tellingFetch = {
  fetch: (url: string, init: RequestInit) => {
    const headers = Object.fromEntries(new Headers(init.headers));
    propagation.inject(context.active(), headers);
    return fetch(url, { ...init, headers });
  },
};

/** Modes of content capture in which no text leaves, though `hash` reads it; `none`, the default, is that of all other tests. */
export const CLOSED_MODES = ['strict', 'hash'] as const;

/** Sets such a mode. */
export function captureNothing(content: (typeof CLOSED_MODES)[number] | 'none'): void {
  configureCapture({ content, key: 'a key of 16 chars' });
}

/** After each test, no exported byte and no diagnostic may hold the canary that stands in every text. */
export function expectNoCanary(recorder: SpanRecorder): void {
  const bytes = JsonTraceSerializer.serializeRequest([...recorder.spans()]) ?? new Uint8Array();
  expect(Buffer.from(bytes).toString()).not.toContain(CANARY);
  expect(inspect(recorder.diagnostics(), { depth: Number.POSITIVE_INFINITY })).not.toContain(CANARY);
}

/** The whole table over one wrapper, for each version of its library and each way to ask for an answer. */
export function describeConformance(subject: ConformanceSubject): void {
  const { recorder, wrap, provider } = subject;
  let server: ModelServer;
  beforeAll(async () => {
    server = await startModelServer(subject.wire);
  });
  afterAll(() => server.close());
  afterEach(() => {
    expectNoCanary(recorder);
    recorder.clear();
  });

  const modelSpans = () => recorder.spans().filter(({ name }) => name !== CALLER);
  const untilCollected = async () => {
    await vi.waitFor(
      () => {
        collectGarbage();
        expect(modelSpans()).toHaveLength(1);
      },
      { timeout: 5000 },
    );
  };
  const within = <Result>(fn: () => Result) => traced.step(CALLER, fn);

  /** Runs a row of the table without and with the wrapper, and holds the span to what it says. */
  async function checkRow(row: ConformanceCase, Client: ClientClass, api: ModelApi): Promise<void> {
    const { span, calls = 1 } = row;
    const origin = row.toNobody ? NOBODY : server.origin;
    const createClient = (options: object = {}) =>
      new Client({ apiKey: 'key', baseURL: api.baseUrl(origin), ...options });
    const use = (client: object, collect = async () => {}) =>
      row.run((request = {}, options) => api.create(client, request, options), { within, collect });
    const expected = await use(createClient());
    // Newer clients make a span themselves; ours is to be the only one.
    recorder.clear();

    const wrapped = wrap(createClient(row.isToldToServer ? tellingFetch : {}));
    expect(await use(wrapped, untilCollected)).toEqual(expected);

    await vi.waitFor(() => expect(modelSpans()).toHaveLength(calls), { timeout: 5000 });
    for (const recorded of modelSpans()) {
      const { attributes } = recorded;
      expect(recorded.name).toBe(`chat ${attributes['gen_ai.request.model']}`);
      expect(recorded.kind).toBe(SpanKind.CLIENT);
      expect(attributes).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': provider,
        'server.address': '127.0.0.1',
        'server.port': Number(new URL(origin).port),
      });
      expectFigures(attributes, span, api);
      expect(recorded.status).toEqual({
        code: span.error === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR,
      });
      if (row.isBelowCaller) {
        const caller = recorder.getSpan(CALLER).spanContext().spanId;
        expect(recorded.parentSpanContext?.spanId).toBe(caller);
      }
      if (row.isToldToServer) {
        const { traceId, spanId } = recorded.spanContext();
        expect(server.headers.at(-1)?.traceparent).toBe(`00-${traceId}-${spanId}-01`);
      }
    }
  }

  const [newest] = subject.versions;
  const [firstApi] = subject.apis;
  describe.each(CLOSED_MODES)('in capture mode %s', (mode) => {
    let Client: ClientClass | undefined;
    beforeAll(async () => {
      Client = await newest?.[1]();
    });
    beforeEach(() => captureNothing(mode));
    afterEach(() => captureNothing('none'));

    it.each(conformanceCases)('$name: the same, and no content', async (row) => {
      if (Client === undefined || firstApi === undefined) throw new Error('there is nothing to check');
      await checkRow(row, Client, firstApi);
    });
  });

  describe.each(subject.versions)('%s', (_version, load) => {
    let Client: ClientClass;
    beforeAll(async () => {
      Client = await load();
    });

    describe.each(subject.apis.map((api) => [api.name, api] as const))('%s', (_name, api) => {
      const createClient = () => new Client({ apiKey: 'key', baseURL: api.baseUrl(server.origin) });
      const ask = (client: object, request: CaseRequest, options?: CaseOptions) =>
        api.create(client, request, options);

      it.each(conformanceCases)('$name: one span, same outcome', (row) => checkRow(row, Client, api));

      it('a retry is an event of its call', async () => {
        await ask(wrap(createClient()), { model: 'busy-once' });
        const [span] = recorder.spans();
        expect(span?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
          ['retry', { 'http.request.resend_count': 1, 'http.response.status_code': 429 }],
        ]);
      });

      it('two streams at once, inside an async generator: each its own span below the step', async () => {
        const client = wrap(createClient());
        const merged = traced.step('merge', async function* () {
          const streams = await Promise.all([
            ask(client, { stream: true, model: 'left' }),
            ask(client, { stream: true, model: 'right' }),
          ]);
          const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
          for (let open = true; open; ) {
            const results = await Promise.all(iterators.map((iterator) => iterator.next()));
            open = results.some(({ done }) => done !== true);
            yield traced.step('chunk', () => results.length);
          }
        });
        for await (const _ of merged);
        const tree = drawTree(recorder.spans());
        expect(tree.filter((line) => line.startsWith('chat')).sort()).toEqual([
          'chat left < merge',
          'chat right < merge',
        ]);
        expect(new Set(tree.filter((line) => line.startsWith('chunk')))).toEqual(new Set(['chunk < merge']));
      });

      it('directly inside traced.llm() fills that span', async () => {
        const client = wrap(createClient());
        const stream = traced.llm({ model: 'outer', provider: 'gateway' }, async function* () {
          yield* await ask(client, { stream: true, model: 'inner' });
        });
        await readAll(stream);
        expect(recorder.spans()).toHaveLength(1);
        expect(recorder.getSpan('chat outer').attributes).toMatchObject({
          ...api.usage,
          'gen_ai.response.time_to_first_chunk': expect.any(Number),
        });
      });

      it('a second call inside traced.llm(), or one below another step, is a call of its own', async () => {
        const client = wrap(createClient());
        await traced.llm({ model: 'outer', provider: 'gateway' }, async () => {
          await traced.step('retrieve', () => ask(client, { model: 'below' }));
          await ask(client, { model: 'first' });
          await ask(client, { model: 'second' });
        });
        expect(drawTree(recorder.spans())).toEqual([
          'chat below < retrieve',
          'retrieve < chat outer',
          'chat second < chat outer',
          'chat outer',
        ]);
      });

      it('the client, its promises and its streams stay what they are', async () => {
        const client = createClient();
        const bare = ask(client, { model: 'bare' });
        expect(wrap(client)).toBe(client);
        expect(wrap(client)).toBe(client);
        const promise = ask(client, {});
        expect(promise.constructor).toBe(bare.constructor);
        expect(Object.keys(promise)).toEqual(Object.keys(bare));
        await bare;
        recorder.clear();
        await promise;
        expect(recorder.spans()).toHaveLength(1);
      });

      it('a failure that nobody handles is still reported by the process', async () => {
        const unhandled = Promise.withResolvers<unknown>();
        const listeners = process.listeners('unhandledRejection');
        process.removeAllListeners('unhandledRejection');
        process.once('unhandledRejection', unhandled.resolve);
        ask(wrap(createClient()), { model: 'status-400' }).then(() => {});
        expect(await unhandled.promise).toMatchObject({ status: 400 });
        for (const listener of listeners) process.on('unhandledRejection', listener);
        expect(recorder.spans()).toHaveLength(1);
      });

      it('a client made by withOptions() is wrapped as well', async () => {
        const client = wrap(createClient()) as { withOptions?(options: object): object };
        const clone = client.withOptions?.({ maxRetries: 1 });
        if (clone === undefined) return; // The oldest versions have no such method.
        await ask(clone, { model: 'busy-once' });
        expect(recorder.spans()).toHaveLength(1);
        expect(recorder.spans()[0]?.events).toHaveLength(1);
      });
    });
  });
}

/** What the span tells, and that it tells no more than there was. */
export function expectFigures(
  attributes: Readonly<Record<string, unknown>>,
  span: ExpectedSpan,
  api: ExpectedFigures,
): void {
  const isPartial = span.usage === 'partly' && Object.keys(api.partialUsage).length > 0;
  const usage = span.usage === 'told' ? api.usage : isPartial ? api.partialUsage : {};
  const told = Object.fromEntries(
    Object.entries(attributes).filter(([key]) => /^gen_ai\.usage\.[a-z_.]*tokens$/.test(key)),
  );
  expect(told).toEqual(usage);
  const state = {
    told: undefined,
    absent: undefined,
    unknown: 'unknown',
    partly: isPartial ? 'partial' : 'unknown',
  };
  expect(attributes['spanwise.usage.state']).toBe(state[span.usage]);

  const isFirstChunkTold = 'gen_ai.response.time_to_first_chunk' in attributes;
  expect(isFirstChunkTold).toBe(span.hasFirstChunk === true);
  if (span.usage === 'told') {
    expect(attributes['spanwise.response.tokens_per_second']).toEqual(expect.any(Number));
  }
  if (span.hasResponse) {
    expect(attributes).toMatchObject({
      'gen_ai.response.id': api.responseId,
      'gen_ai.response.model': 'answerer-2026',
    });
  }
  if (span.hasResponse && span.usage === 'told') {
    const [key, tier] = api.serviceTier ?? [];
    if (key !== undefined) expect(attributes[key]).toBe(tier);
  }
  if (span.finish !== undefined) {
    expect(attributes['gen_ai.response.finish_reasons']).toEqual([api.finishReasons[span.finish]]);
  }
  expect(attributes['spanwise.response.tool_calls']).toEqual(span.toolCalls);
  expect(attributes['http.request.resend_count']).toBe(span.resends);
  expect(attributes['http.response.status_code']).toBe(span.status);
  if (span.error === undefined) expect(attributes).not.toHaveProperty('error.type');
  else expect(attributes['error.type']).toEqual(expect.stringMatching(api.errors[span.error]));
}
