import type { RetentionPolicy, Store } from '@spanwise/store';
import type { Logger } from 'pino';

/** Disks fill by the hour; a look costs a few milliseconds. */
const intervalMillis = 60_000;

/** Drops what the policy no longer keeps, every minute. Gives: what ends it. */
export function startRetentionJob(
  store: Pick<Store, 'applyRetention'>,
  policy: RetentionPolicy,
  clock: () => number,
  logger: Logger,
): () => void {
  let isRunning = false;
  const run = async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      const dropped = await store.applyRetention(policy, clock());
      if (dropped.length > 0) logger.info({ dropped }, 'retention dropped what is too old or too much');
    } catch (error) {
      logger.warn({ err: error }, 'retention did not run; it is tried again in a minute');
    } finally {
      isRunning = false;
    }
  };
  const timer = setInterval(run, intervalMillis);
  return () => clearInterval(timer);
}
