import { expect, it } from 'vitest';
import { Watchdog } from './watchdog.ts';

const everyMillis = 20;
const silentRoundsMax = 4;

it('ends one that says nothing, once', async () => {
  const { promise: dead, resolve } = Promise.withResolvers<void>();
  let pings = 0;
  new Watchdog({
    everyMillis,
    silentRoundsMax,
    ping: () => {
      pings += 1;
    },
    onDead: resolve,
  });
  // Its timer holds no process.
  const awake = setInterval(() => {}, 1_000);
  await dead;
  clearInterval(awake);
  expect(pings).toBe(silentRoundsMax);
});

it('lets one live that answers, also when we ourselves were stopped for long', async () => {
  const { promise: answeredTwice, resolve, reject } = Promise.withResolvers<void>();
  let pings = 0;
  const watchdog: Watchdog = new Watchdog({
    everyMillis,
    silentRoundsMax,
    ping: () => {
      pings += 1;
      if (pings === 2) resolve();
      // As a message of another process: it comes in a later turn of the loop.
      setImmediate(() => watchdog.heard());
    },
    onDead: () => reject(new Error('ended, though it answered')),
  });
  // What SIGSTOP does to us: nothing runs, and the clock goes on.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, everyMillis * silentRoundsMax * 3);
  await answeredTwice;
  watchdog.stop();
});
