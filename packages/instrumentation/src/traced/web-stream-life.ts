import { type Context, context } from '@opentelemetry/api';
import { replaceMethod } from './replace-method.ts';
import type { Life, StreamReading } from './stream-life.ts';

/** The parts of a web stream's reader, of either kind, that tell its end. */
interface WebStreamReader {
  read(...args: never[]): Promise<{ readonly done: boolean }>;
  cancel(reason?: unknown): Promise<void>;
}

export function isWebStream(value: object): value is ReadableStream {
  return typeof ReadableStream === 'function' && value instanceof ReadableStream;
}

/**
 * Follows a web stream that is not iterated: one that a server reads through `getReader()` to send it, or that
 * is piped. Each read runs in `spanContext`. Stream and readers stay the same objects. After `tee()` it is over
 * when both branches are.
 *
 * @param followBranch Follows one branch of `tee()` to its own end.
 */
export function followWebStream(
  stream: ReadableStream,
  reading: StreamReading,
  spanContext: Context,
  followBranch: (branch: ReadableStream, life: Life) => void,
): void {
  const { getReader, cancel, pipeTo, tee } = stream;
  const run = (method: () => Promise<void>) => follow(context.with(spanContext, method), reading, () => true);
  replaceMethod(stream, 'getReader', (...args: never[]) => {
    const reader = Reflect.apply(getReader, stream, args) as WebStreamReader;
    followReader(reader, reading, spanContext);
    return reader;
  });
  replaceMethod(stream, 'cancel', (...args: never[]) => run(() => Reflect.apply(cancel, stream, args)));
  const pipe = (...args: unknown[]) => run(() => Reflect.apply(pipeTo, stream, args));
  replaceMethod(stream, 'pipeTo', pipe);
  // What the standard says that it is (whatwg/streams, "pipeThrough"): a failure is told by the other side.
  replaceMethod(stream, 'pipeThrough', (pair: ReadableWritablePair, options?: object) => {
    pipe(pair.writable, options).catch(() => {});
    return pair.readable;
  });
  replaceMethod(stream, 'tee', (...args: never[]) => {
    const branches = context.with(spanContext, () => Reflect.apply(tee, stream, args));
    const open = new Set<ReadableStream>(branches);
    for (const branch of branches) followBranch(branch, createBranchLife(branch, open, reading.life));
    return branches;
  });
}

/** A branch that fails fails the whole: it is the source that failed. */
function createBranchLife(branch: ReadableStream, open: Set<ReadableStream>, life: Life): Life {
  return {
    end(endTime) {
      open.delete(branch);
      if (open.size === 0) life.end(endTime);
    },
    fail: (thrown) => life.fail(thrown),
  };
}

function followReader(reader: WebStreamReader, reading: StreamReading, spanContext: Context): void {
  const { read, cancel } = reader;
  replaceMethod(reader, 'read', (...args: never[]) => {
    const result = context.with(spanContext, () => Reflect.apply(read, reader, args));
    return follow(result, reading, ({ done }) => done);
  });
  replaceMethod(reader, 'cancel', (...args: never[]) =>
    follow(Reflect.apply(cancel, reader, args), reading, () => true),
  );
}

/** The same outcome, as another promise: a listener on the first one would hide a rejection that nobody handles. */
function follow<Result>(
  result: Promise<Result>,
  reading: StreamReading,
  isEnd: (value: Result) => boolean,
): Promise<Result> {
  return result.then(
    (value) => {
      reading.lastActivity = Date.now();
      if (isEnd(value)) reading.life.end();
      return value;
    },
    (thrown: unknown) => {
      // A reader that is released while it waits is followed by another one.
      if (!isReleased(thrown)) reading.life.fail(thrown);
      throw thrown;
    },
  );
}

/** `releaseLock()` lets reads that wait fail with a `TypeError`, in Node.js one with this code. */
function isReleased(thrown: unknown): boolean {
  return thrown instanceof TypeError && 'code' in thrown && thrown.code === 'ERR_INVALID_STATE';
}
