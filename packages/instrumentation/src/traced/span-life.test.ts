import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SpanStatusCode } from '@opentelemetry/api';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { drawTree, startSpanRecorder } from '../testing/span-recorder.ts';
import { traced } from './traced.ts';

const recorder = startSpanRecorder();
beforeEach(() => recorder.clear());

/** A stream that makes a span for each chunk, as a client library under a model call does. */
async function* chunksOf(prefix: string, count = 3): AsyncGenerator<string> {
  try {
    for (let index = 0; index < count; index += 1) {
      await delay(1);
      yield traced.step(`${prefix}${index}`, () => `${prefix}${index}`);
    }
  } finally {
    traced.step(`${prefix}-closed`, () => {});
  }
}

describe('a stream', () => {
  it('runs in the context of its span at each step, wherever it is read', async () => {
    const stream = traced.step('stream', () => chunksOf('a'));
    await traced.step('reader', async () => {
      for await (const _ of stream) traced.step('render', () => {});
    });
    expect(drawTree(recorder.spans())).toEqual([
      'a0 < stream',
      'render < reader',
      'a1 < stream',
      'render < reader',
      'a2 < stream',
      'render < reader',
      'a-closed < stream',
      'stream',
      'reader',
    ]);
  });

  it('ends its span when the reader stops early', async () => {
    for await (const _ of traced.step('stream', () => chunksOf('a'))) break;
    expect(drawTree(recorder.spans())).toEqual(['a0 < stream', 'a-closed < stream', 'stream']);
    expect(recorder.getSpan('stream').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('ends its span at return() without any reading', async () => {
    const stream = traced.step('stream', () => chunksOf('a'));
    expect(await stream.return('bye')).toEqual({ done: true, value: 'bye' });
    expect(drawTree(recorder.spans())).toEqual(['stream']);
  });

  it('ends its span at throw()', async () => {
    const stream = traced.step('stream', () => chunksOf('a'));
    await stream.next();
    const stop = new RangeError('canary');
    await expect(stream.throw(stop)).rejects.toBe(stop);
    expect(drawTree(recorder.spans())).toEqual(['a0 < stream', 'a-closed < stream', 'stream']);
    expect(recorder.getSpan('stream').attributes['error.type']).toBe('RangeError');
  });

  it('stays open when it handles a throw() and goes on', async () => {
    const stream = traced.step('stream', async function* () {
      try {
        yield 'first';
      } catch {
        yield 'handled';
      }
    });
    await stream.next();
    expect(await stream.throw(new Error())).toEqual({ done: false, value: 'handled' });
    expect(recorder.spans()).toHaveLength(0);
    await stream.next();
    expect(recorder.getSpan('stream').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('fails its span when it throws inside', async () => {
    const failure = new TypeError('canary');
    const read = async () => {
      for await (const _ of traced.step('stream', async function* () {
        yield 1;
        throw failure;
      }));
    };
    await expect(read()).rejects.toBe(failure);
    const span = recorder.getSpan('stream');
    expect(span.attributes['error.type']).toBe('TypeError');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
  });

  it('keeps two parallel streams apart', async () => {
    const read = (name: string) =>
      traced.step(name, async () => {
        for await (const _ of traced.step(`${name}-stream`, () => chunksOf(name, 2)));
      });
    await Promise.all([read('a'), read('b')]);
    const tree = drawTree(recorder.spans());
    for (const name of ['a', 'b']) {
      expect(tree).toContain(`${name}0 < ${name}-stream`);
      expect(tree).toContain(`${name}1 < ${name}-stream`);
      expect(tree).toContain(`${name}-stream < ${name}`);
    }
  });

  it('may come out of a promise, as from a client library', async () => {
    const stream = await traced.llm({ model: 'm', provider: 'openai' }, async () => chunksOf('a', 1));
    expect(recorder.spans()).toHaveLength(0);
    for await (const _ of stream);
    expect(drawTree(recorder.spans())).toEqual(['a0 < chat m', 'a-closed < chat m', 'chat m']);
  });

  it('nests inside another traced generator', async () => {
    const outer = traced.agent({ name: 'outer' }, async function* () {
      yield* traced.llm({ model: 'm', provider: 'openai' }, () => chunksOf('a', 1));
    });
    for await (const _ of outer);
    expect(drawTree(recorder.spans())).toEqual([
      'a0 < chat m',
      'a-closed < chat m',
      'chat m < invoke_agent outer',
      'invoke_agent outer',
    ]);
  });

  it('is the object that the function returned, with its own methods', async () => {
    class TokenStream {
      #chunks = ['x', 'y'];
      async *[Symbol.asyncIterator]() {
        yield* this.#chunks;
      }
      count() {
        return this.#chunks.length;
      }
    }
    const original = new TokenStream();
    const stream = traced.step('stream', () => original);
    expect(stream).toBe(original);
    expect(stream.count()).toBe(2);
    const chunks: string[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks).toEqual(['x', 'y']);
    expect(recorder.spans()).toHaveLength(1);
  });

  it('ends when its iterator has no return() and the reader stops', async () => {
    const bare: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }) }),
    };
    for await (const _ of traced.step('stream', () => bare)) break;
    expect(recorder.spans()).toHaveLength(1);
  });

  it('ends the span of a piped Node stream when that closes', async () => {
    const source = traced.step('stream', () => new PassThrough());
    const closed = new Promise((resolve) => source.once('close', resolve));
    source.pipe(new PassThrough().resume());
    expect(recorder.spans()).toHaveLength(0);
    source.end('bytes');
    await closed;
    expect(recorder.spans()).toHaveLength(1);
  });

  describe('of the web', () => {
    const stream = (failure?: Error) =>
      traced.step('stream', () => {
        const steps = [
          () => traced.step('inside', () => 'a'),
          () => {
            if (failure) throw failure;
            return 'b';
          },
        ];
        return new ReadableStream<string>(
          {
            pull(controller) {
              const step = steps.shift();
              if (step === undefined) controller.close();
              else controller.enqueue(step());
            },
          },
          { highWaterMark: 0 },
        );
      });
    const errorOf = () => recorder.getSpan('stream').attributes['error.type'];

    it.each<[string, (source: ReadableStream<string>) => Promise<unknown>, unknown]>([
      [
        'read through getReader()',
        async (source) => {
          const reader = source.getReader();
          expect((await reader.read()).value).toBe('a');
          reader.releaseLock();
          expect(recorder.spans().map(({ name }) => name)).toEqual(['inside']);
          const another = source.getReader();
          return [await another.read(), await another.read()];
        },
        [
          { done: false, value: 'b' },
          { done: true, value: undefined },
        ],
      ],
      [
        'sent as a response',
        (source) => new Response(source.pipeThrough(new TextEncoderStream())).text(),
        'ab',
      ],
      ['piped', (source) => source.pipeTo(new WritableStream()), undefined],
      [
        'split, one branch read and one left',
        async (source) => {
          const [left, right] = source.tee();
          const reader = left.getReader();
          expect((await reader.read()).value).toBe('a');
          // Settles when the other branch has ended, too.
          void reader.cancel();
          expect(recorder.spans().map(({ name }) => name)).not.toContain('stream');
          return new Response(right.pipeThrough(new TextEncoderStream())).text();
        },
        'ab',
      ],
      ['cancelled unread', (source) => source.cancel(), undefined],
      ['cancelled by its reader', (source) => source.getReader().cancel(), undefined],
    ])('%s ends with it', async (_, use, expected) => {
      expect(await use(stream())).toEqual(expected);
      await vi.waitFor(() => expect(recorder.spans().map(({ name }) => name)).toContain('stream'));
      expect(errorOf()).toBeUndefined();
      const inside = drawTree(recorder.spans()).filter((line) => line.startsWith('inside'));
      expect(new Set(inside).size).toBeLessThanOrEqual(1);
      for (const line of inside) expect(line).toBe('inside < stream');
    });

    it.each<[string, (source: ReadableStream<string>) => Promise<unknown>]>([
      [
        'getReader()',
        async (source) => {
          const reader = source.getReader();
          await reader.read();
          return reader.read();
        },
      ],
      ['pipeTo()', (source) => source.pipeTo(new WritableStream())],
      [
        'tee()',
        async (source) => {
          const [left, right] = source.tee();
          const outcomes = await Promise.allSettled(
            [left, right].map((branch) => branch.pipeTo(new WritableStream())),
          );
          for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
        },
      ],
      ['pipeThrough()', (source) => new Response(source.pipeThrough(new TextEncoderStream())).text()],
    ])('that fails, fails its span: %s', async (_, use) => {
      const failure = new RangeError('a text');
      await expect(use(stream(failure))).rejects.toBe(failure);
      await vi.waitFor(() => expect(errorOf()).toBe('RangeError'));
    });
  });

  it('ends when nobody ever reads it and it is collected', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    traced.step('stream', () => chunksOf('a'));
    await vi.waitFor(
      () => {
        collectGarbage();
        expect(recorder.spans()).toHaveLength(1);
      },
      { timeout: 5000 },
    );
  });
});

describe('a promise', () => {
  it('that is native still reports a rejection that nobody handles', async () => {
    const unhandled = Promise.withResolvers<unknown>();
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.once('unhandledRejection', unhandled.resolve);
    const failure = new Error('nobody listens');
    traced.step('lonely', () => Promise.reject(failure));
    expect(await unhandled.promise).toBe(failure);
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });

  it("of a library's own kind comes back as the same object with its methods", async () => {
    class ApiPromise extends Promise<string> {
      withResponse() {
        return 'raw';
      }
    }
    const original = new ApiPromise((resolve) => resolve('parsed'));
    const result = traced.step('call', () => original);
    expect(result).toBe(original);
    expect(result.withResponse()).toBe('raw');
    expect(await result).toBe('parsed');
    expect(recorder.spans()).toHaveLength(1);
  });

  it('keeps its span active over await and parallel work', async () => {
    await traced.step('parent', async () => {
      await delay(1);
      await Promise.all([
        traced.step('left', () => delay(2).then(() => traced.step('left leaf', () => {}))),
        traced.step('right', () => delay(1).then(() => traced.step('right leaf', () => {}))),
      ]);
    });
    expect(drawTree(recorder.spans()).sort()).toEqual([
      'left < parent',
      'left leaf < left',
      'parent',
      'right < parent',
      'right leaf < right',
    ]);
  });
});
