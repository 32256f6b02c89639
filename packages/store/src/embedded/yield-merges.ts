import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** As the engine names the threads that merge and mutate; the system keeps 15 bytes of it. */
const mergeThread = /^MergeMutate/;
/** A third of the weight of a thread that inserts or answers, where both want a core: enough to keep up. */
const niceness = 5;

/**
 * Lets merges of this process give way to inserts and questions. Threads that start later keep the ordinary
 * priority until the next call. Does nothing where threads are not files (not Linux).
 */
export function yieldMerges(): void {
  let threads: readonly string[];
  try {
    threads = readdirSync('/proc/self/task');
  } catch {
    return;
  }
  for (const thread of threads) {
    try {
      if (mergeThread.test(readFileSync(`/proc/self/task/${thread}/comm`, 'utf8'))) {
        setPriority(Number(thread), niceness);
      }
    } catch {
      // It ended in the meantime.
    }
  }
}
