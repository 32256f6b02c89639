import type { FastifyInstance } from 'fastify';

/** How long requests in progress may take once the service was told to stop. */
const DRAIN_MILLIS = 2000;

export interface ServiceRun {
  readonly app: FastifyInstance;
  readonly host: string;
  readonly port: number;
  /** Its `shutdown()` sends the last spans. */
  readonly tracing: { shutdown(): Promise<void> };
  /** What else has to be closed: a database pool. */
  readonly close?: () => Promise<unknown>;
}

/**
 * Listens until SIGTERM or SIGINT, then takes no new request, lets those in progress finish, sends the last
 * spans and exits. A parent process that started this one with a channel hears when it is ready; when the
 * parent is gone, so is this.
 */
export async function runService({ app, host, port, tracing, close }: ServiceRun): Promise<void> {
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    const drain = setTimeout(() => app.server.closeAllConnections(), DRAIN_MILLIS);
    await app.close();
    clearTimeout(drain);
    await close?.();
    await tracing.shutdown();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.once('disconnect', stop);

  try {
    await app.listen({ host, port });
  } catch (error) {
    app.log.fatal({ err: error, port }, 'cannot listen');
    process.exit(1);
  }
  const address = app.server.address();
  tellReady(typeof address === 'object' && address !== null ? address.port : port);
}

export function tellReady(port: number): void {
  process.send?.({ type: 'ready', port });
}
