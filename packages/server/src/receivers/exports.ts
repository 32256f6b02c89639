import type { Logger } from 'pino';
import { limits } from '../limits.ts';
import type { DecodeRequest } from '../pipeline/decode-result.ts';
import type { ServerMetrics } from '../telemetry/server-metrics.ts';
import type { ByteCredit } from './byte-credit.ts';
import { type Ingest, type IngestOutcome, retryAfterMillis } from './ingest.ts';
import { type BodySettings, readBody } from './read-body.ts';
import { rpcCodes } from './rpc-codes.ts';

export type OtlpSignal = 'spans' | 'logs' | 'metrics';

export interface ExportRequest {
  readonly protocol: 'grpc' | 'http' | 'zipkin';
  readonly signal: OtlpSignal;
  readonly encoding: DecodeRequest['encoding'];
  readonly source: Parameters<typeof readBody>[0];
  readonly coding: BodySettings['coding'];
  readonly encodedBytes: number | undefined;
}

export type ExportOutcome = IngestOutcome | { readonly kind: 'too_large' } | { readonly kind: 'aborted' };

/** What the receivers do with a request. Never rejects. */
export type Exports = (request: ExportRequest) => Promise<ExportOutcome>;

export interface ExportsSettings {
  readonly ingest: Ingest;
  readonly credit: ByteCredit;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
}

/** There is one tenant until there is a way to name others. */
const defaultTenant = 0;

export function createExports({ ingest, credit, metrics, logger }: ExportsSettings): Exports {
  let hasToldOfMetrics = false;

  async function take(request: ExportRequest): Promise<ExportOutcome> {
    const { signal, encoding } = request;
    const share = credit.open();
    try {
      const body = await readBody(request.source, {
        coding: request.coding,
        encodedBytes: request.encodedBytes,
        limitBytes: limits.requestBytes.value,
        credit: share,
      });
      if (body.kind !== 'body') return refuse(signal, body.kind);
      if (signal !== 'metrics') {
        return await ingest({
          signal,
          encoding,
          body: body.bytes,
          tenant: defaultTenant,
        });
      }
      metrics.metricsDropped(body.bytes.length);
      if (!hasToldOfMetrics) {
        hasToldOfMetrics = true;
        logger.warn('OTLP metrics arrive; they are accepted, counted and dropped. This is said once.');
      }
      return { kind: 'accepted', rejected: 0 };
    } finally {
      share.release();
    }
  }

  function refuse(signal: OtlpSignal, why: 'too_large' | 'no_credit' | 'corrupt' | 'aborted'): ExportOutcome {
    metrics.refusedRequest(signal, refusedReasons[why]);
    switch (why) {
      case 'no_credit':
        return { kind: 'unavailable', retryAfterMillis, message: 'too many requests at once; send it again' };
      case 'corrupt':
        return {
          kind: 'invalid',
          code: rpcCodes.invalidArgument,
          message: 'the body is not what its compression says',
        };
      default:
        return { kind: why };
    }
  }

  return async (request) => {
    const outcome = await take(request);
    metrics.request(request.signal, request.protocol, outcome.kind);
    return outcome;
  };
}

const refusedReasons = {
  too_large: 'request_too_large',
  no_credit: 'bytes_in_flight',
  corrupt: 'undecodable',
  aborted: 'aborted',
} as const;
