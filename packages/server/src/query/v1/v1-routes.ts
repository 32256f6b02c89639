import { analyseTrace } from '@spanwise/analysis';
import type {
  ErrorResponse,
  LogsResponse,
  OperationsResponse,
  ServicesResponse,
  SpansResponse,
  TraceAnalysisDto,
  TraceSkeletonDto,
  TracesResponse,
} from '@spanwise/api';
import type { TraceColumns, TraceId } from '@spanwise/model';
import type { TraceReader } from '@spanwise/store';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ask } from '../ask.ts';
import type { QueryContext } from '../query-context.ts';
import { QueryError, toQueryError, traceNotFound } from '../query-error.ts';
import { queryOf } from '../query-string.ts';
import { securityHeaders } from '../security-headers.ts';
import {
  logsParameters,
  noParameters,
  operationsParameters,
  parseParameters,
  parseTraceIdParameter,
  searchParameters,
  spansParameters,
} from './parameters.ts';
import { searchTraces } from './search-traces.ts';
import { toAnalysisDto, toKindName, toLogRecordDto, toSkeletonDto, toSpanDto } from './to-dto.ts';

interface OfTrace {
  readonly Params: { readonly traceId: string };
}

/** The API of the UI: shapes in @spanwise/api. */
export function v1Routes(app: FastifyInstance, context: QueryContext): void {
  const { reader, tenant } = context;

  app.setErrorHandler((error, request, reply) => {
    const known = toQueryError(error);
    if (known === undefined) {
      context.logger.error({ err: error, route: request.routeOptions.url }, 'a query failed');
    }
    return sendError(reply, known ?? new QueryError(500, 'internal_error', 'something went wrong here'));
  });

  app.get('/api/v1/services', async (request): Promise<ServicesResponse> => {
    parseParameters(noParameters, queryOf(request));
    return { services: await ask(reader, (asked) => asked.services(tenant)) };
  });

  app.get('/api/v1/operations', async (request): Promise<OperationsResponse> => {
    const { service } = parseParameters(operationsParameters, queryOf(request));
    const operations = await ask(reader, (asked) => asked.operations(tenant, service));
    return { operations: operations.map(({ name, kind }) => ({ name, kind: toKindName(kind) })) };
  });

  app.get('/api/v1/traces', async (request): Promise<TracesResponse> => {
    const search = parseParameters(searchParameters, queryOf(request));
    return ask(reader, (asked) => searchTraces(asked, tenant, search, context.clock()));
  });

  app.get<OfTrace>(
    '/api/v1/traces/:traceId',
    async (request, reply): Promise<TraceSkeletonDto | FastifyReply> => {
      parseParameters(noParameters, queryOf(request));
      const id = parseTraceIdParameter(request.params.traceId);
      if (await isUnchanged(request, reply, id)) return reply.code(304).send();
      const { columns, version } = await ask(reader, (asked) => readStable(asked, id));
      tag(reply, version);
      return toSkeletonDto(columns, version);
    },
  );

  app.get<OfTrace>(
    '/api/v1/traces/:traceId/analysis',
    async (request, reply): Promise<TraceAnalysisDto | FastifyReply> => {
      parseParameters(noParameters, queryOf(request));
      const id = parseTraceIdParameter(request.params.traceId);
      if (await isUnchanged(request, reply, id)) return reply.code(304).send();
      const { columns, version } = await ask(reader, (asked) => readStable(asked, id));
      const logs = await ask(reader, (asked) => asked.logsOfTrace(tenant, id, logsCounted));
      tag(reply, version);
      return toAnalysisDto(analyseTrace(columns), version, logs);
    },
  );

  app.get<OfTrace>('/api/v1/traces/:traceId/spans', async (request): Promise<SpansResponse> => {
    const { ids } = parseParameters(spansParameters, queryOf(request));
    const id = parseTraceIdParameter(request.params.traceId);
    return { spans: (await ask(reader, (asked) => asked.spans(tenant, id, ids))).map(toSpanDto) };
  });

  app.get<OfTrace>('/api/v1/traces/:traceId/logs', async (request): Promise<LogsResponse> => {
    const { limit } = parseParameters(logsParameters, queryOf(request));
    const id = parseTraceIdParameter(request.params.traceId);
    return { logs: (await ask(reader, (asked) => asked.logsOfTrace(tenant, id, limit))).map(toLogRecordDto) };
  });

  app.get('/api/v1/status', async (request) => {
    parseParameters(noParameters, queryOf(request));
    return context.status();
  });

  app.get('/api/v1/live', async (request, reply) => {
    parseParameters(noParameters, queryOf(request));
    if (context.live.isFull) {
      throw new QueryError(503, 'too_many_live_views', 'too many live views are open; close one', {
        retryAfterSeconds: 30,
      });
    }
    reply.hijack();
    context.live.add(reply.raw, securityHeaders);
    return reply;
  });

  async function isUnchanged(request: FastifyRequest, reply: FastifyReply, id: TraceId): Promise<boolean> {
    const known = request.headers['if-none-match'];
    if (known === undefined) return false;
    const version = await ask(reader, (asked) => asked.traceVersion(tenant, id));
    if (
      version === undefined ||
      !known.split(',').some((one) => one.trim().replace(/^W\//, '') === `"${version}"`)
    ) {
      return false;
    }
    tag(reply, version);
    return true;
  }

  /** Columns and the version that they are of: rows of an analysis must fit the skeleton of the same version. */
  async function readStable(
    asked: TraceReader,
    id: TraceId,
  ): Promise<{ readonly columns: TraceColumns; readonly version: string }> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const before = await asked.traceVersion(tenant, id);
      if (before === undefined) throw traceNotFound();
      const columns = await asked.traceColumns(tenant, id);
      if ((await asked.traceVersion(tenant, id)) !== before) continue;
      if (columns === undefined) throw traceNotFound(); // log records only
      return { columns, version: before };
    }
    throw new QueryError(503, 'trace_changing', 'the trace grows faster than it can be read; ask again', {
      retryAfterSeconds: 1,
    });
  }
}

/** A trace rarely has a thousand; counting goes no further than the logs call does. */
const logsCounted = 5_000;

/** The browser asks each time, and gets 304 while nothing was added. */
function tag(reply: FastifyReply, version: string): void {
  reply.header('etag', `"${version}"`).header('cache-control', 'private, no-cache');
}

export function sendError(reply: FastifyReply, error: QueryError): FastifyReply {
  const body: ErrorResponse = {
    error: {
      code: error.code,
      message: error.message,
      ...(error.parameter === undefined ? {} : { parameter: error.parameter }),
    },
  };
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  return reply.code(error.status).send(body);
}
