import { replaceMethod } from '../traced/replace-method.ts';
import { followIterator, type StreamObserver } from '../traced/stream-life.ts';
import type { CallHandle } from './call-handle.ts';
import { readField } from './read-fields.ts';

const followedStreams = new WeakSet<object>();

/**
 * Follows a client's `Stream`, which stays the same object. `for await`, `tee()` and `toReadableStream()` all
 * start at its field `iterator`, where the chunks are read. From version 7 on `[Symbol.asyncIterator]()` of a
 * chat stream is a generator around that; left before its first step it never calls the inner one, so its
 * end is followed too. Only the first iterator counts: the client refuses the others.
 */
export function followApiStream(stream: AsyncIterable<unknown>, handle: CallHandle): void {
  if (followedStreams.has(stream)) return;
  followedStreams.add(stream);
  const { call } = handle;
  call.readHead();
  if (!Object.isExtensible(stream)) {
    call.end();
    return;
  }
  const observer = observe(stream, handle);
  const isSplit = typeof readField(stream, 'iterator') === 'function';
  if (isSplit) followFirstIterator(stream, 'iterator', handle, observer);
  followFirstIterator(stream, Symbol.asyncIterator, handle, isSplit ? undefined : observer);
}

function followFirstIterator(
  stream: AsyncIterable<unknown>,
  method: 'iterator' | typeof Symbol.asyncIterator,
  handle: CallHandle,
  observer: StreamObserver | undefined,
): void {
  const iterate = (stream as Record<typeof method, () => AsyncIterator<unknown>>)[method];
  let isFollowed = false;
  replaceMethod(stream, method, () => {
    const iterator = iterate.call(stream);
    if (isFollowed) return iterator;
    isFollowed = true;
    followIterator(iterator, handle.call.reading, handle.spanContext, observer);
    return iterator;
  });
}

/** The observer holds the handle, so whoever holds an iterator or a branch of `tee()` keeps the call open. */
function observe(stream: object, handle: CallHandle): StreamObserver {
  const signal = readField(readField(stream, 'controller'), 'signal');
  return {
    onItem: (chunk) => handle.call.readChunk(chunk),
    onDone: () => {
      // The client ends a stream that was aborted as if it were complete.
      if (readField(signal, 'aborted') === true) handle.call.fail(readField(signal, 'reason'));
    },
  };
}
