import type { Logger } from 'pino';
import type { SpanwiseConfig } from './config/config-schema.ts';

export interface SpanwiseServerOptions {
  readonly logger: Logger;
}

/** Where the server listens, `host:port`. Known after `start`. */
export interface ServerAddresses {
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
  readonly query: string;
  readonly queryGrpc: string;
  readonly health: string;
  readonly metrics: string;
}

export interface SpanwiseServer {
  /**
   * Opens the data folder, replays the spool, listens. Resolves when senders and readers are served.
   * Errors: `PortTakenError`, `DataFolderTakenError`, `EngineError`; what was opened is closed again.
   */
  start(): Promise<void>;
  /** Stops receiving, finishes what runs, stores what it can, within `timeoutMillis`. Idempotent. */
  close(timeoutMillis: number): Promise<void>;
  /** @throws Error before `start` has resolved. */
  readonly addresses: ServerAddresses;
}

export function createSpanwiseServer(
  _config: SpanwiseConfig,
  _options: SpanwiseServerOptions,
): SpanwiseServer {
  return {
    start: () => Promise.reject(new Error('not built yet')),
    close: () => Promise.resolve(),
    get addresses(): ServerAddresses {
      throw new Error('the server has not started');
    },
  };
}
