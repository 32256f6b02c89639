/** A function as serverless platforms run it: frozen, here killed, as soon as its handler has answered. */
import { flushAfter, setupTracing, traced } from '@spanwise/sdk';

setupTracing('function');
const handler = flushAfter(async (event: { readonly fail: boolean }) =>
  traced.step('handle', () => {
    if (event.fail) throw new Error('as told');
    return 'answer';
  }),
);
const failure = await handler({ fail: true }).catch((error: Error) => error.message);
console.log(failure, await handler({ fail: false }));
process.kill(process.pid, 'SIGKILL');
