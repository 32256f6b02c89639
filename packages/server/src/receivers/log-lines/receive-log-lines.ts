import { unixNano } from '@spanwise/model';
import { encodeLogsRequest } from '@spanwise/otlp';
import { limits } from '../../limits.ts';
import type { ByteCredit } from '../byte-credit.ts';
import { type Ingest, type IngestOutcome, retryAfterMillis } from '../ingest.ts';
import { type BodySettings, readBody } from '../read-body.ts';
import { rpcCodes } from '../rpc-codes.ts';
import { recordOfLine } from './record-of-line.ts';

export interface LogLinesRequest extends Pick<BodySettings, 'coding' | 'encodedBytes'> {
  readonly source: Parameters<typeof readBody>[0];
  /** For lines that name none. */
  readonly service: string;
  readonly tenant: number;
}

export type LogLinesOutcome =
  | {
      readonly kind: 'accepted';
      readonly records: number;
      readonly rejected: number;
      readonly message?: string;
    }
  | Exclude<IngestOutcome, { readonly kind: 'accepted' }>
  | { readonly kind: 'too_large' | 'aborted' };

/** Takes what a program printed, a record a line. Never rejects. */
export type ReceiveLogLines = (request: LogLinesRequest) => Promise<LogLinesOutcome>;

export interface LogLinesSettings {
  readonly ingest: Ingest;
  readonly credit: ByteCredit;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** Lines become an OTLP request, so that they pass the same gate and spool as all others. */
export function createReceiveLogLines({ ingest, credit, clock }: LogLinesSettings): ReceiveLogLines {
  return async ({ source, coding, encodedBytes, service, tenant }) => {
    const share = credit.open();
    try {
      const limitBytes = limits.logLineBytes.value;
      const body = await readBody(source, { coding, encodedBytes, limitBytes, credit: share });
      switch (body.kind) {
        case 'body':
          break;
        case 'no_credit':
          return {
            kind: 'unavailable',
            retryAfterMillis,
            message: 'too many requests at once; send it again',
          };
        case 'corrupt':
          return invalid('the body is not what its compression says');
        default:
          return { kind: body.kind };
      }
      const text = decodeUtf8(body.bytes);
      if (text === undefined) return invalid('the lines are not UTF-8');
      const receivedAt = unixNano(BigInt(clock()) * 1_000_000n);
      const records = text
        .split('\n')
        .map((line) => recordOfLine(line, { service, receivedAt }))
        .filter((record) => record !== undefined);
      if (records.length === 0) return { kind: 'accepted', records: 0, rejected: 0 };
      const outcome = await ingest({
        signal: 'logs',
        encoding: 'protobuf',
        body: encodeLogsRequest(records),
        tenant,
      });
      return outcome.kind === 'accepted'
        ? { ...outcome, records: records.length - outcome.rejected }
        : outcome;
    } finally {
      share.release();
    }
  };
}

function invalid(message: string): LogLinesOutcome {
  return { kind: 'invalid', code: rpcCodes.invalidArgument, message };
}

/** Absence: undefined for bytes that are not UTF-8; a byte order mark is left out. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
