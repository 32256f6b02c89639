import type { ModelCall } from '../model-client/model-call.ts';
import { replaceMethod } from '../traced/replace-method.ts';
import { endWhenCollected } from '../traced/stream-life.ts';
import { isHeadPart } from './model-reader.ts';

export interface ModelStreamEnd {
  /** The reader gave up, or was never seen again: the SDK will tell no end either. */
  onLeft(endTime?: number): void;
  onFailed(thrown: unknown): void;
}

/**
 * Follows the stream of a provider to its end: the AI SDK itself tells neither its tokens nor, if it is left
 * or fails, its end. The SDK reads it by `pipeThrough`, once; there another stream takes its place that hands
 * on each part as it is asked for, with nothing read ahead.
 *
 * @param abandonedAfterMillis After how long without being asked for a part the call counts as left.
 */
export function followModelStream(
  stream: ReadableStream<unknown>,
  call: ModelCall,
  abandonedAfterMillis: number,
  { onLeft, onFailed }: ModelStreamEnd,
): void {
  call.readHead();
  const leave = (endTime?: number) => {
    clearTimeout(patience);
    call.end(endTime);
    onLeft(endTime);
  };
  const reading = { life: { end: leave, fail: onFailed }, lastActivity: Date.now() };
  // The SDK keeps a second branch of each stream, so that one left by its reader is neither cancelled nor,
  // while the provider's connection stands, collected.
  let patience: NodeJS.Timeout | undefined;
  const wait = () => {
    patience = setTimeout(() => leave(reading.lastActivity), abandonedAfterMillis);
    patience.unref();
  };
  wait();
  endWhenCollected(stream, reading);
  const { pipeThrough } = stream;
  replaceMethod(stream, 'pipeThrough', (...args: never[]) => {
    const reader = stream.getReader();
    const observed = new ReadableStream<unknown>(
      {
        async pull(controller) {
          // Now it is the provider who is waited for.
          clearTimeout(patience);
          try {
            const { done, value } = await reader.read();
            reading.lastActivity = Date.now();
            if (done) {
              call.end();
              controller.close();
              return;
            }
            if (isHeadPart(value)) call.readMetadata(value);
            else call.readChunk(value);
            controller.enqueue(value);
            wait();
          } catch (thrown) {
            call.fail(thrown);
            onFailed(thrown);
            controller.error(thrown);
          }
        },
        async cancel(reason) {
          leave();
          await reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
    return Reflect.apply(pipeThrough, observed, args);
  });
}
