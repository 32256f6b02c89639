import { parentPort, workerData } from 'node:worker_threads';
import type { DecodeJob } from '../decode-worker.ts';
import { RequestDecoder, type RequestDecoderSettings } from '../request-decoder.ts';

/** For tests: a decode worker that dies when a body begins with 0xff. */
const decoder = new RequestDecoder(workerData as RequestDecoderSettings);

parentPort?.on('message', ({ request }: DecodeJob) => {
  if (request.body[0] === 0xff) throw new Error('made to die');
  parentPort?.postMessage({ result: decoder.decode(request) });
});
