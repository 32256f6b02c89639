import { isTraceId } from '@spanwise/model';
import type { CatalogueEntry, InstrumentationNote, Signal } from '@spanwise/store';
import type { Logger } from 'pino';
import type { DecodePool } from '../pipeline/decode-pool.ts';
import type { DecodedRows, DecodeRequest } from '../pipeline/decode-result.ts';
import type { Spool } from '../spool/spool.ts';
import { SpoolFullError } from '../spool/spool-full-error.ts';
import type { ServerMetrics } from '../telemetry/server-metrics.ts';

export interface IngestRequest {
  readonly signal: Signal;
  readonly encoding: DecodeRequest['encoding'];
  /** Uncompressed; its memory is given away. */
  readonly body: Uint8Array;
  readonly tenant: number;
}

export type IngestOutcome =
  /** On disk. `message` is there when `rejected` is not zero. */
  | { readonly kind: 'accepted'; readonly rejected: number; readonly message?: string }
  /** Not to be sent again. */
  | { readonly kind: 'invalid'; readonly code: number; readonly message: string }
  /** To be sent again. */
  | { readonly kind: 'unavailable'; readonly retryAfterMillis: number; readonly message: string };

/** Takes one export request. Never rejects. */
export type Ingest = (request: IngestRequest) => Promise<IngestOutcome>;

export interface IngestSettings {
  readonly pool: Pick<DecodePool, 'decode'>;
  readonly spool: Pick<Spool, 'append'>;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  /** After rows were made durable. */
  readonly onAccepted?: (signal: Signal, count: number) => void;
  /** Attributes that a decode worker met for the first time; it does not tell them again. */
  readonly onUnseen?: (tenant: number, entries: readonly CatalogueEntry[]) => void;
  /** Of rows that were made durable. */
  readonly onNotes?: (tenant: number, notes: readonly InstrumentationNote[]) => void;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** What a sender is told to wait when nothing says better. */
export const retryAfterMillis = 1_000;

/** Decode, then keep, then answer: the order is the promise that an acknowledged span is on disk. */
export function createIngest({
  pool,
  spool,
  metrics,
  logger,
  clock,
  onAccepted,
  onUnseen,
  onNotes,
}: IngestSettings): Ingest {
  return async (request) => {
    const { signal } = request;
    const result = await pool.decode({ ...request, receivedAtMillis: clock() });
    if (result.kind === 'invalid') {
      metrics.refusedRequest(signal, 'undecodable');
      return result;
    }
    if (result.kind === 'unavailable') {
      metrics.refusedRequest(signal, result.reason);
      return { kind: 'unavailable', retryAfterMillis, message: result.message };
    }
    metrics.received(signal, result.received);
    onUnseen?.(request.tenant, result.unseen);
    try {
      const kept = result.rowCount === 0 ? 'stored' : await spool.append(batchOf(signal, result));
      if (kept === 'repeated') metrics.repeated(signal, result.rowCount);
      else {
        metrics.accepted(signal, result.rowCount);
        onAccepted?.(signal, result.rowCount);
        onNotes?.(request.tenant, result.notes);
      }
    } catch (error) {
      metrics.refused(
        signal,
        error instanceof SpoolFullError ? error.reason : 'spool_failed',
        result.received,
      );
      if (error instanceof SpoolFullError) {
        return {
          kind: 'unavailable',
          retryAfterMillis: error.retryAfterMillis,
          message: 'storage is behind; send it again',
        };
      }
      logger.error({ err: error }, 'the spool did not take a request; the sender was told to send it again');
      return { kind: 'unavailable', retryAfterMillis, message: 'not stored; send it again' };
    }
    for (const [reason, count] of Object.entries(result.reasons)) metrics.rejected(signal, reason, count);
    for (const [what, count] of Object.entries(result.counters)) metrics.cleanedUp(signal, what, count);
    for (const [service, count] of Object.entries(result.contentDroppedByService)) {
      metrics.contentDropped(service, count);
    }
    return {
      kind: 'accepted',
      rejected: result.rejected,
      ...(result.message === undefined ? {} : { message: result.message }),
    };
  };
}

function batchOf(signal: Signal, result: DecodedRows) {
  return {
    signal,
    rows: result.rows,
    rowOffsets: result.rowOffsets,
    rowCount: result.rowCount,
    requestHash: Buffer.from(result.requestHash, 'hex'),
    traceIds: result.traceIds.filter(isTraceId),
  };
}
