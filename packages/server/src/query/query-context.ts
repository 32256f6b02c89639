import type { StatusResponse, SystemResponse } from '@spanwise/api';
import type { TraceId } from '@spanwise/model';
import type { TraceReader } from '@spanwise/store';
import type { Logger } from 'pino';
import type { ReceiveLogLines } from '../receivers/log-lines/receive-log-lines.ts';
import type { ServerMetrics } from '../telemetry/server-metrics.ts';
import type { LiveFeed } from './live-feed.ts';

/** What the routes answer from. */
export interface QueryContext {
  readonly reader: TraceReader;
  readonly tenant: number;
  /** Keeps a trace for ever. Gives: false when no span has this id. */
  readonly archiveTrace: (id: TraceId) => Promise<boolean>;
  readonly status: () => StatusResponse;
  readonly system: () => Promise<SystemResponse>;
  readonly live: LiveFeed;
  readonly receiveLogLines: ReceiveLogLines;
  readonly metrics: ServerMetrics;
  /** Unix milliseconds. */
  readonly clock: () => number;
  readonly logger: Logger;
}
