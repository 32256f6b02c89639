/*
 * One call, one span, whatever happens, and the caller sees nothing of it: the list, as one table. It runs over
 * each wrapper, beside the code of each, and over the packages of others (tests/conformance). Each case uses the
 * library as an application does, first without the wrapper, then with it.
 */

/** A streamed answer as the official clients give it. */
export interface ApiStream extends AsyncIterable<object> {
  readonly controller: AbortController;
  tee(): [ApiStream, ApiStream];
  toReadableStream(): ReadableStream<Uint8Array>;
}

/** What the official clients' methods return. */
export interface ApiPromise extends Promise<ApiStream> {
  asResponse(): Promise<Response>;
  withResponse(): Promise<{ data: ApiStream; response: Response }>;
}

export interface CaseRequest {
  /** Says how the server shall behave: see model-server.ts. */
  readonly model?: string;
  readonly stream?: boolean;
}

export interface CaseOptions {
  readonly maxRetries?: number;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Calls the library. Content stands in each request. */
export type CreateAnswer = (request?: CaseRequest, options?: CaseOptions) => ApiPromise;

/** What a library must have for a case to be possible. */
export type CaseNeed =
  | 'raw-response'
  | 'tee'
  | 'readable-stream'
  | 'streams'
  | 'tokens'
  | 'retries'
  /** Its own client, so that nothing else holds a stream or makes a span. */
  | 'bare-client';

/** What a case may ask of whoever runs it. */
export interface CaseScope {
  /** Runs `fn` with a span of the application active, the caller's. */
  within<Result>(fn: () => Result): Result;
  /** Until what nobody holds is gone, and what waited for that has run. */
  collect(): Promise<void>;
}

/** What the one span must tell, in words that hold for every provider. */
export interface ExpectedSpan {
  /** `told`: every figure of the server's; `partly`: what was told before the stream was left; `absent`: no answer. */
  readonly usage: 'told' | 'partly' | 'unknown' | 'absent';
  readonly hasFirstChunk?: boolean;
  readonly hasResponse?: boolean;
  readonly finish?: 'end' | 'tools';
  readonly toolCalls?: readonly string[];
  readonly error?: ExpectedError;
  readonly status?: number;
  readonly resends?: number;
}

/** Each provider's client has its own words for these. */
export type ExpectedError =
  | 'bad-request'
  | 'server-error'
  | 'rate-limit'
  | 'refused-connection'
  | 'dead-socket'
  | 'abort'
  | 'abort-of-stream'
  | 'timeout';

export interface ConformanceCase {
  readonly name: string;
  readonly needs?: readonly CaseNeed[];
  /** The result must be the same with and without the wrapper. */
  run(create: CreateAnswer, scope: CaseScope): Promise<unknown>;
  readonly span: ExpectedSpan;
  /** How many calls there are; one, if absent. Each must be as `span` says. */
  readonly calls?: number;
  /** Each span must be below the caller's. */
  readonly isBelowCaller?: boolean;
  /** The server must have been told the span as the parent of what it does. */
  readonly isToldToServer?: boolean;
  /** The client calls a port where nobody listens. */
  readonly toNobody?: boolean;
}

const streamed = { stream: true };

export async function readAll(stream: AsyncIterable<object>): Promise<object[]> {
  const chunks: object[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

async function readSome(stream: AsyncIterable<object>, count = 3): Promise<object[]> {
  const chunks: object[] = [];
  for await (const chunk of stream) if (chunks.push(chunk) === count) break;
  return chunks;
}

/** How a call fails, as the application sees it. */
export async function failureOf(work: PromiseLike<unknown>): Promise<object> {
  try {
    await work;
  } catch (thrown) {
    const { message, status } = thrown as Error & { status?: number };
    return { name: thrown?.constructor.name, message, status };
  }
  throw new Error('nothing failed');
}

export const conformanceCases: readonly ConformanceCase[] = [
  {
    name: 'an answer in one piece',
    run: async (create) => await create(),
    span: { usage: 'told', hasResponse: true, finish: 'end' },
  },
  {
    name: 'tool calls in one piece',
    needs: ['tokens'],
    run: async (create) => await create({ model: 'tools' }),
    span: { usage: 'told', finish: 'tools', toolCalls: ['order_lookup'] },
  },
  {
    name: 'an answer without usage',
    needs: ['tokens'],
    run: async (create) => await create({ model: 'no-usage' }),
    span: { usage: 'unknown', hasResponse: true },
  },
  {
    name: 'the data with its raw response',
    needs: ['raw-response'],
    run: async (create) => {
      const { data, response } = await create().withResponse();
      return [data, response.status, response.headers.get('x-request-id')];
    },
    span: { usage: 'told' },
  },
  {
    name: 'the raw response alone',
    needs: ['raw-response'],
    run: async (create) => (await create().asResponse()).json(),
    span: { usage: 'unknown' },
  },
  {
    name: 'a stream read to its end',
    needs: ['streams'],
    run: async (create) => readAll(await create(streamed)),
    span: { usage: 'told', hasFirstChunk: true, hasResponse: true, finish: 'end' },
  },
  {
    name: 'a stream with its raw response',
    needs: ['streams', 'raw-response'],
    run: async (create) => {
      const { data, response } = await create(streamed).withResponse();
      return [await readAll(data), response.status];
    },
    span: { usage: 'told', hasFirstChunk: true },
  },
  {
    name: 'a stream of tool calls',
    needs: ['streams'],
    run: async (create) => readAll(await create({ ...streamed, model: 'tools' })),
    span: { usage: 'told', hasFirstChunk: true, finish: 'tools', toolCalls: ['order_lookup'] },
  },
  {
    name: 'a stream without usage',
    needs: ['streams'],
    run: async (create) => readAll(await create({ ...streamed, model: 'no-usage' })),
    span: { usage: 'unknown', hasFirstChunk: true },
  },
  {
    name: 'a stream left early',
    needs: ['streams'],
    run: async (create) => {
      const stream = await create({ ...streamed, model: 'endless' });
      return [await readSome(stream), stream.controller?.signal.aborted];
    },
    span: { usage: 'partly', hasFirstChunk: true, hasResponse: true },
  },
  {
    name: 'a stream given back unread',
    needs: ['streams'],
    run: async (create) => {
      const stream = await create({ ...streamed, model: 'endless' });
      const result = await stream[Symbol.asyncIterator]().return?.();
      stream.controller?.abort();
      return result;
    },
    span: { usage: 'unknown' },
  },
  {
    name: 'a socket that dies',
    needs: ['streams'],
    run: async (create) => failureOf(readAll(await create({ ...streamed, model: 'dies' }))),
    span: { usage: 'partly', hasFirstChunk: true, error: 'dead-socket' },
  },
  {
    name: 'an HTTP 400',
    run: (create) => failureOf(create({ model: 'status-400' })),
    span: { usage: 'absent', status: 400, error: 'bad-request' },
  },
  {
    name: 'an HTTP 500 of a stream',
    needs: ['streams'],
    run: (create) => failureOf(create({ ...streamed, model: 'status-500' }, { maxRetries: 0 })),
    span: { usage: 'absent', status: 500, error: 'server-error' },
  },
  {
    name: 'an HTTP 429 without retries',
    run: (create) => failureOf(create({ model: 'status-429' }, { maxRetries: 0 })),
    span: { usage: 'absent', status: 429, error: 'rate-limit' },
  },
  {
    name: 'an HTTP 429, then the answer',
    needs: ['retries'],
    run: async (create) => await create({ model: 'busy-once' }),
    span: { usage: 'told', resends: 1 },
  },
  {
    name: 'a raw response that is an error',
    needs: ['raw-response'],
    run: (create) => failureOf(create({ model: 'status-400' }).asResponse()),
    span: { usage: 'absent', status: 400, error: 'bad-request' },
  },
  {
    name: 'nobody there',
    run: (create) => failureOf(create({}, { maxRetries: 0 })),
    toNobody: true,
    span: { usage: 'absent', error: 'refused-connection' },
  },
  {
    name: 'an abort before the answer',
    run: async (create) => {
      const abort = new AbortController();
      const call = failureOf(create({ model: 'silent' }, { signal: abort.signal }));
      setImmediate(() => abort.abort());
      return call;
    },
    span: { usage: 'absent', error: 'abort' },
  },
  {
    name: 'an abort while the stream is read',
    needs: ['streams'],
    run: async (create) => {
      const abort = new AbortController();
      const chunks: object[] = [];
      const stream = await create({ ...streamed, model: 'endless' }, { signal: abort.signal });
      for await (const chunk of stream) if (chunks.push(chunk) === 3) abort.abort();
      return chunks.slice(0, 3);
    },
    span: { usage: 'partly', hasFirstChunk: true, error: 'abort-of-stream' },
  },
  {
    name: 'a timeout',
    run: (create) => failureOf(create({ model: 'silent' }, { timeout: 50, maxRetries: 0 })),
    span: { usage: 'absent', error: 'timeout' },
  },
  {
    name: 'tee(), both read',
    needs: ['streams', 'tee'],
    run: async (create) => {
      const [left, right] = (await create(streamed)).tee();
      return Promise.all([readAll(left), readAll(right)]);
    },
    span: { usage: 'told', hasFirstChunk: true },
  },
  {
    name: 'tee(), one left early',
    needs: ['streams', 'tee'],
    run: async (create) => {
      const [left, right] = (await create(streamed)).tee();
      return [await readSome(left), await readAll(right)];
    },
    span: { usage: 'told', hasFirstChunk: true },
  },
  {
    name: 'toReadableStream()',
    needs: ['streams', 'readable-stream'],
    run: async (create) => new Response((await create(streamed)).toReadableStream()).text(),
    span: { usage: 'told', hasFirstChunk: true },
  },
  {
    name: 'a stream that nobody reads',
    needs: ['streams', 'bare-client'],
    run: async (create, { collect }) => {
      const ask = async () => {
        await create({ ...streamed, model: 'endless' });
      };
      await ask();
      await collect();
    },
    span: { usage: 'unknown' },
  },
  {
    name: 'a promise that nobody awaits',
    needs: ['streams', 'bare-client'],
    run: async (create, { collect }) => {
      const ask = async () => {
        create({ ...streamed, model: 'endless' });
      };
      await ask();
      await collect();
    },
    span: { usage: 'absent' },
  },
  {
    name: 'two streams at once',
    needs: ['streams', 'bare-client'],
    run: async (create) => {
      const streams = await Promise.all([create(streamed), create(streamed)]);
      return Promise.all(streams.map(readAll));
    },
    calls: 2,
    span: { usage: 'told', hasFirstChunk: true },
  },
  {
    name: 'inside an async generator, below the caller',
    needs: ['streams', 'bare-client'],
    run: (create, { within }) => {
      async function* answer() {
        yield* await create(streamed);
      }
      return within(() => readAll(answer()));
    },
    isBelowCaller: true,
    span: { usage: 'told', hasFirstChunk: true },
  },
  {
    name: 'the next service, told its parent',
    needs: ['bare-client'],
    run: async (create) => await create(),
    isToldToServer: true,
    span: { usage: 'told' },
  },
];
