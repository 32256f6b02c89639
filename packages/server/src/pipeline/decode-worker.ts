import { parentPort, workerData } from 'node:worker_threads';
import type { DecodeRequest, DecodeResult } from './decode-result.ts';
import { RequestDecoder, type RequestDecoderSettings } from './request-decoder.ts';

/*
 * A decode worker: one request in, one result out, in order. It imports no engine, no server and no logger, so
 * that it starts fast. The pool sends the next request when the last is answered.
 */

/** What the pool sends. */
export interface DecodeJob {
  readonly request: DecodeRequest;
}

/** What the worker answers. */
export interface DecodeAnswer {
  readonly result: DecodeResult;
}

const port = parentPort;
if (port === null) throw new Error('decode-worker.ts runs as a worker thread only');

const decoder = new RequestDecoder(workerData as RequestDecoderSettings);

port.on('message', ({ request }: DecodeJob) => {
  const result = decoder.decode(request);
  const answer: DecodeAnswer = { result };
  const transfer =
    result.kind === 'rows'
      ? [result.rows.buffer as ArrayBuffer, result.rowOffsets.buffer as ArrayBuffer]
      : [];
  port.postMessage(answer, transfer);
});
