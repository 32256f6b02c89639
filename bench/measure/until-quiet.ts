import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from '../targets/target.ts';
import { cpuSecondsOf } from './process-usage.ts';
import { say } from './report.ts';

/** Until a few seconds pass in which it does next to nothing: queues, merges and facts of whole traces are done. */
export async function untilQuiet(target: Target): Promise<void> {
  const deadline = performance.now() + 180_000;
  let quiet = 0;
  for (let last = cpuSecondsOf(target.pids()); quiet < 6; ) {
    await delay(2_000);
    const now = cpuSecondsOf(target.pids());
    quiet = now - last < 0.2 ? quiet + 1 : 0;
    last = now;
    if (performance.now() > deadline) {
      say('  it did not become quiet within three minutes');
      return;
    }
  }
}
