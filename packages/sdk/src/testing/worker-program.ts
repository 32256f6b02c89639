/** Work in the main thread, a worker thread and a forked process, each with the set-up that `--import` gives it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { isMainThread, Worker } from 'node:worker_threads';
import { traced } from '@spanwise/sdk';

const isChild = process.argv.includes('child');
traced.step(isChild ? 'in the child' : isMainThread ? 'in the main thread' : 'in the worker', () => {});
if (isMainThread && !isChild) {
  await once(new Worker(new URL(import.meta.url)), 'exit');
  await once(fork(new URL(import.meta.url), ['child']), 'exit');
}
