import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';

const FIRST_WAIT_MILLIS = 50;
const LONGEST_WAIT_MILLIS = 2000;

/** Services start in any order: tries until it works, waiting longer each time, and says what it waits for. */
export async function untilItWorks<Result>(
  what: string,
  log: FastifyBaseLogger,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let wait = FIRST_WAIT_MILLIS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MILLIS)) {
    try {
      return await attempt();
    } catch (error) {
      // Below this it is the ordinary race at a start.
      if (wait >= 1000) log.warn({ err: error, what }, 'waiting');
      await sleep(wait);
    }
  }
}

/** Waits until something listens at a URL's host and port. A bare connection: requests in vain would each be a failed span. */
export function untilListening(what: string, url: string, log: FastifyBaseLogger): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const defaultPort = protocol === 'https:' ? 443 : 80;
  return untilItWorks(what, log, async () => {
    const socket = connect({ host: hostname, port: port === '' ? defaultPort : Number(port) });
    try {
      await once(socket, 'connect');
    } finally {
      socket.destroy();
    }
  });
}
