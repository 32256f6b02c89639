import type { LogIngestResponse, LogSearchResponse } from '@spanwise/api';
import { unixNanoFromMillis } from '@spanwise/model';
import type { LogPlace, LogQuery, PlacedLogRecord } from '@spanwise/store';
import type { FastifyInstance } from 'fastify';
import { limits } from '../../limits.ts';
import type { LogLinesOutcome } from '../../receivers/log-lines/receive-log-lines.ts';
import { findContentCoding } from '../../receivers/read-body.ts';
import { ask } from '../ask.ts';
import { checkChange } from '../change-guard.ts';
import type { QueryContext } from '../query-context.ts';
import { invalidParameter, QueryError } from '../query-error.ts';
import { queryOf } from '../query-string.ts';
import { formatLogCursor } from './log-cursor.ts';
import { logIngestParameters, logSearchParameters, parseParameters } from './parameters.ts';
import { toLogRecordDto } from './to-dto.ts';
import { windowOf } from './window-of.ts';

/** What a line sent by a browser's form can't be. */
const lineTypes = ['application/x-ndjson', 'application/jsonl'];

const defaultLookbackMillis = 3_600_000;

export function logRoutes(app: FastifyInstance, context: QueryContext): void {
  const { reader, tenant, clock } = context;

  app.get('/api/v1/logs', async (request): Promise<LogSearchResponse> => {
    const search = parseParameters(logSearchParameters, queryOf(request));
    const { trace, span, service, severity, text, around, cursor, limit } = search;
    if (around !== undefined && cursor !== undefined) {
      throw invalidParameter('cursor', 'give either around or cursor');
    }
    // A trace, or a moment, is a bound of its own.
    const isBounded = trace !== undefined || around !== undefined;
    const window = windowOf(search, clock(), isBounded ? Number.POSITIVE_INFINITY : defaultLookbackMillis);
    const query: Omit<LogQuery, 'order' | 'limit'> = {
      ...(trace === undefined ? {} : { traceId: trace }),
      ...(span === undefined ? {} : { spanId: span }),
      ...(service === undefined ? {} : { service }),
      ...(severity === undefined ? {} : { severityMin: severity }),
      ...(text === undefined ? {} : { text }),
      timeMin: unixNanoFromMillis(window.startMillis),
      // Clocks of senders run ahead: without an end, what they say of the future counts too.
      ...(search.end === undefined ? {} : { timeMax: unixNanoFromMillis(search.end + 1) }),
    };
    return ask(reader, async (asked) => {
      const page = async (order: LogQuery['order'], count: number, after: LogPlace | undefined) => {
        const records = await asked.findLogs(tenant, {
          ...query,
          order,
          limit: count,
          ...(after === undefined ? {} : { after }),
        });
        return order === 'newest' ? records : records.toReversed();
      };
      if (around === undefined) {
        const { direction = 'older', place } = cursor ?? {};
        const records = await page(direction === 'older' ? 'newest' : 'oldest', limit, place);
        return answer(records, direction === 'newer' || records.length === limit);
      }
      // What happened at that very moment belongs to what came before it.
      const moment: LogPlace = { timeUnixNano: unixNanoFromMillis(around + 1), ingestSeq: 0n, row: 0 };
      const half = Math.ceil(limit / 2);
      const [before, after] = [await page('newest', half, moment), await page('oldest', half, moment)];
      return answer([...after, ...before], before.length === half);
    });
  });

  app.register(async (scope) => {
    // The body stays a stream: the receiver reads it within its own bounds.
    scope.addContentTypeParser(lineTypes, (_request, payload, done) => done(null, payload));
    scope.post('/api/v1/logs/ingest', async (request, reply): Promise<LogIngestResponse> => {
      checkChange(request, lineTypes);
      const { service } = parseParameters(logIngestParameters, queryOf(request));
      const coding = findContentCoding(request.headers['content-encoding']);
      if (coding === undefined) {
        throw new QueryError(415, 'bad_request', 'expected Content-Encoding gzip, deflate or zstd');
      }
      const length = request.headers['content-length'];
      const outcome = await context.receiveLogLines({
        source: request.body as AsyncIterable<Uint8Array>,
        coding,
        encodedBytes: length === undefined ? undefined : Number(length),
        service,
        tenant,
      });
      if (outcome.kind !== 'accepted') {
        reply.header('connection', 'close'); // what is left of the body is not worth receiving
        throw refusal(outcome);
      }
      const { records, rejected, message } = outcome;
      return { accepted: records, rejected, ...(message === undefined ? {} : { message }) };
    });
  });
}

function answer(records: readonly PlacedLogRecord[], hasOlder: boolean): LogSearchResponse {
  const [newest, oldest] = [records[0]?.place, records.at(-1)?.place];
  return {
    logs: records.map(({ record }) => toLogRecordDto(record)),
    ...(hasOlder && oldest !== undefined ? { older: formatLogCursor('older', oldest) } : {}),
    ...(newest === undefined ? {} : { newer: formatLogCursor('newer', newest) }),
  };
}

function refusal(outcome: Exclude<LogLinesOutcome, { readonly kind: 'accepted' }>): QueryError {
  switch (outcome.kind) {
    case 'too_large':
      return new QueryError(
        413,
        'bad_request',
        `the lines are larger than ${limits.logLineBytes.value / 1_048_576} MiB; send fewer at once`,
      );
    case 'unavailable':
      return new QueryError(503, 'storage_unavailable', outcome.message, {
        retryAfterSeconds: Math.ceil(outcome.retryAfterMillis / 1_000),
      });
    case 'invalid':
      return new QueryError(400, 'bad_request', outcome.message);
    case 'aborted':
      return new QueryError(400, 'bad_request', 'the body did not come in full');
  }
}
