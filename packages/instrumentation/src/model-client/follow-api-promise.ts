import type { Context } from '@opentelemetry/api';
import { replaceMethod } from '../traced/replace-method.ts';
import { endWhenCollected, isAsyncIterable } from '../traced/stream-life.ts';
import type { CallHandle } from './call-handle.ts';
import { followApiStream } from './follow-api-stream.ts';
import type { ModelCall } from './model-call.ts';

/** The promise of a client made by Stainless: it parses the body only once somebody asks for the data. */
interface ApiPromise extends PromiseLike<unknown> {
  parse(): PromiseLike<unknown>;
  asResponse(): PromiseLike<unknown>;
  _thenUnwrap?(transform: (data: unknown, ...rest: unknown[]) => unknown): unknown;
}

/**
 * Follows what a client's method returned, and returns the same object. `then`, `catch`, `finally` and
 * `withResponse` all ask `parse()` for the data; listening there, before the caller does, adds no turn of the
 * event loop and reads no body that the caller wants raw. A native promise is followed by another of the same
 * outcome, because a listener on the first one would hide an unhandled rejection.
 */
export function followResult(result: unknown, call: ModelCall, spanContext: Context): unknown {
  const handle: CallHandle = { call, spanContext, isParsed: false };
  endWhenCollected(handle, call.reading);
  if (isApiPromise(result)) {
    followApiPromise(result, handle);
  } else if (result instanceof Promise) {
    return result.then(
      (data) => {
        settle(data, handle);
        return data;
      },
      (thrown: unknown) => {
        handle.call.fail(thrown);
        throw thrown;
      },
    );
  } else {
    settle(result, handle);
  }
  return result;
}

function followApiPromise(promise: ApiPromise, handle: CallHandle): void {
  const { parse, asResponse, _thenUnwrap: unwrap } = promise;
  let isHeard = false;
  replaceMethod(promise, 'parse', () => {
    handle.isParsed = true;
    const parsed = parse.call(promise);
    if (!isHeard) {
      isHeard = true;
      parsed.then(
        (data) => settle(data, handle),
        (thrown) => handle.call.fail(thrown),
      );
    }
    return parsed;
  });
  replaceMethod(promise, 'asResponse', () =>
    asResponse.call(promise).then(
      (response) => {
        if (!handle.isParsed) endWithRawResponse(handle);
        return response;
      },
      (thrown: unknown) => {
        handle.call.fail(thrown);
        throw thrown;
      },
    ),
  );
  if (unwrap === undefined) return;
  // `.parse()` and `.stream()` of the client make another promise of this one, and do not ask this one's data.
  replaceMethod(promise, '_thenUnwrap', (transform: (data: unknown, ...rest: unknown[]) => unknown) => {
    const unwrapped = unwrap.call(promise, (data, ...rest) => {
      settle(data, handle);
      return transform(data, ...rest);
    });
    if (isApiPromise(unwrapped)) followApiPromise(unwrapped, handle);
    return unwrapped;
  });
}

/** The bytes are the caller's now; nobody will tell when they have been read. */
function endWithRawResponse({ call }: CallHandle): void {
  call.readHead();
  call.end();
}

/** The data is here; a stream ends the call later. */
function settle(data: unknown, handle: CallHandle): void {
  if (isAsyncIterable(data)) followApiStream(data, handle);
  else handle.call.readAnswer(data);
}

function isApiPromise(value: unknown): value is ApiPromise {
  return (
    typeof value === 'object' &&
    value !== null &&
    'parse' in value &&
    typeof value.parse === 'function' &&
    'asResponse' in value &&
    typeof value.asResponse === 'function'
  );
}
