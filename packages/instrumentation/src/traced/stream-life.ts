import { type Context, context } from '@opentelemetry/api';
import { replaceMethod } from './replace-method.ts';
import { followWebStream, isWebStream } from './web-stream-life.ts';

/** A stream that nobody reads, or stops reading without saying so, ends its span when it is collected. */
const forgottenStreams = new FinalizationRegistry<StreamReading>((reading) =>
  reading.life.end(reading.lastActivity),
);

/** Something that ends once; what comes later has no effect. */
export interface Life {
  /** @param endTime Epoch milliseconds; now, if absent. */
  end(endTime?: number): void;
  fail(thrown: unknown): void;
}

/** What outlives a forgotten stream. It must not refer to the stream itself. */
export interface StreamReading {
  readonly life: Life;
  /** Epoch milliseconds. */
  lastActivity: number;
}

/** Sees what the reader gets, just before the reader does. Neither may throw. */
export interface StreamObserver {
  onItem(item: unknown): void;
  /** The stream said that it is over; not called when the reader gives up. */
  onDone(): void;
}

/** Ends a life at its last activity once nobody can go on with it: `target` was collected. */
export function endWhenCollected(target: object, reading: StreamReading): void {
  forgottenStreams.register(target, reading);
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.asyncIterator in value &&
    typeof value[Symbol.asyncIterator] === 'function'
  );
}

/**
 * Keeps a span open while an async iterable is read, and its context active inside each `next()`,
 * `return()` and `throw()`: that is where the body of an async generator runs. The iterable stays the same
 * object with all its methods; only the iteration methods are replaced, on the object itself. The span ends
 * when the iteration is done, given up or failed; for a Node stream also when it closes, since it may be
 * piped instead of iterated, and for a web stream when its reader is done with it. A frozen iterable cannot be followed: its span ends at once.
 */
export function keepOpenWhileRead(iterable: AsyncIterable<unknown>, life: Life, spanContext: Context): void {
  if (!Object.isExtensible(iterable)) {
    life.end();
    return;
  }
  const reading: StreamReading = { life, lastActivity: Date.now() };
  endWhenCollected(iterable, reading);
  followNodeStream(iterable, life);
  if (isWebStream(iterable)) {
    followWebStream(iterable, reading, spanContext, (branch, branchLife) =>
      keepOpenWhileRead(branch, branchLife, spanContext),
    );
  }
  if (isAsyncIterator(iterable)) {
    followIterator(iterable, reading, spanContext);
    return;
  }
  const iterate = iterable[Symbol.asyncIterator];
  replaceMethod(iterable, Symbol.asyncIterator, () => {
    const iterator = context.with(spanContext, iterate, iterable);
    followIterator(iterator, reading, spanContext);
    return iterator;
  });
}

type Step = Promise<IteratorResult<unknown, unknown>>;

/** Follows one iterator: each step runs in `spanContext`, and the life ends with the iteration. */
export function followIterator(
  iterator: AsyncIterator<unknown>,
  reading: StreamReading,
  spanContext: Context,
  observer?: StreamObserver,
): void {
  const follow = async (step: () => PromiseLike<IteratorResult<unknown, unknown>>, isNext = false) => {
    try {
      const result = await context.with(spanContext, step);
      reading.lastActivity = Date.now();
      if (isNext && result?.done) observer?.onDone();
      else if (isNext) observer?.onItem(result?.value);
      // Not an object only if the iterator breaks its own protocol; then the reader is told, and it is over.
      if (result?.done !== false) reading.life.end();
      return result;
    } catch (thrown) {
      reading.life.fail(thrown);
      throw thrown;
    }
  };
  const { next, return: giveUp, throw: raise } = iterator;
  replaceMethod(
    iterator,
    'next',
    (...args: [] | [unknown]): Step => follow(() => next.apply(iterator, args), true),
  );
  // Without a `return` of its own the iterator would not hear that the reader stopped.
  replaceMethod(
    iterator,
    'return',
    (value?: unknown): Step =>
      follow(async () => (giveUp ? giveUp.call(iterator, value) : { done: true, value })),
  );
  if (raise) {
    replaceMethod(iterator, 'throw', (thrown?: unknown): Step => follow(() => raise.call(iterator, thrown)));
  }
}

/** The parts of a Node.js stream that tell its end; `close` comes after `end` and after `error`. */
interface NodeStream {
  once(event: 'close', listener: () => void): unknown;
  pipe(destination: unknown): unknown;
  readonly errored?: Error | null;
}

function followNodeStream(value: object, life: Life): void {
  if (!isNodeStream(value)) return;
  value.once('close', () => (value.errored ? life.fail(value.errored) : life.end()));
}

function isNodeStream(value: object): value is NodeStream {
  return (
    'pipe' in value && typeof value.pipe === 'function' && 'once' in value && typeof value.once === 'function'
  );
}

function isAsyncIterator(value: object): value is AsyncIterator<unknown> {
  return 'next' in value && typeof value.next === 'function';
}
