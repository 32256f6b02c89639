import {
  formatJaegerTraceId,
  type JaegerError,
  type JaegerOperation,
  type JaegerSearch,
  type JaegerTrace,
  jaegerErrorResponse,
  jaegerResponse,
  jaegerSpanKind,
  parseJaegerSearch,
  parseJaegerSpanKind,
  parseJaegerTraceId,
  toJaegerTrace,
} from '@spanwise/jaeger';
import { type SpanKind, type TraceId, unixNanoFromMillis } from '@spanwise/model';
import type { TraceReader } from '@spanwise/store';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '../limits.ts';
import type { QueryContext } from './query-context.ts';
import { invalidParameter, QueryError, toQueryError, withDeadline } from './query-error.ts';
import { queryOf } from './query-string.ts';
import { searchConditions } from './search-conditions.ts';

/** Jaeger's legacy JSON, as version 2.20 answers it. (jaegertracing/jaeger v2.20, jaegerquery/internal/http_handler.go.) */
export function jaegerRoutes(app: FastifyInstance, { reader, tenant, clock, logger }: QueryContext): void {
  app.setErrorHandler((error, request, reply) => {
    const known = toQueryError(error);
    if (known === undefined) logger.error({ err: error, route: request.routeOptions.url }, 'a query failed');
    const { status, contentType, body } = jaegerErrorResponse(
      known?.status ?? 500,
      known?.message ?? 'internal error',
    );
    if (known?.retryAfterSeconds !== undefined) reply.header('retry-after', String(known.retryAfterSeconds));
    return reply.code(status).header('content-type', contentType).send(body);
  });

  app.get('/api/services', async (request, reply) => {
    const names = (await ask(reader.services(tenant))).toSorted();
    return send(request, reply, jaegerResponse(names, { total: names.length }));
  });

  app.get('/api/operations', async (request, reply) => {
    const query = queryOf(request);
    const service = query.get('service');
    if (!service) throw new QueryError(400, 'invalid_parameter', "parameter 'service' is required");
    const operations = await ask(reader.operations(tenant, service, kindOf(query.get('spanKind'))));
    const data: JaegerOperation[] = operations.map(({ name, kind }) => ({
      name,
      spanKind: jaegerSpanKind(kind as SpanKind),
    }));
    return send(request, reply, jaegerResponse(data, { total: data.length }));
  });

  app.get<{ Params: { service: string } }>('/api/services/:service/operations', async (request, reply) => {
    const operations = await ask(reader.operations(tenant, request.params.service));
    const names = [...new Set(operations.map(({ name }) => name))];
    return send(request, reply, jaegerResponse(names, { total: names.length }));
  });

  app.get('/api/traces', async (request, reply) => {
    const parsed = parseJaegerSearch(queryOf(request), unixNanoFromMillis(clock()));
    if (!parsed.ok) throw new QueryError(400, 'invalid_parameter', parsed.message);
    const search = parsed.value;
    const ids = search.traceIds.length > 0 ? [...new Set(search.traceIds)] : await ask(find(search));
    const { traces, errors } = await ask(readTraces(reader, tenant, ids));
    return send(request, reply, jaegerResponse(traces, { errors }));
  });

  app.get<{ Params: { id: string } }>('/api/traces/:id', async (request, reply) => {
    const id = parseJaegerTraceId(request.params.id);
    if (id === undefined) {
      throw new QueryError(400, 'invalid_parameter', `not a trace id: ${JSON.stringify(request.params.id)}`);
    }
    const query = queryOf(request);
    for (const name of ['start', 'end']) {
      if (!/^\d{0,19}$/.test(query.get(name) ?? '')) throw invalidParameter(name, 'expected microseconds');
    }
    const trace = await ask(reader.trace(tenant, id));
    if (trace === undefined) throw new QueryError(404, 'trace_not_found', 'trace not found');
    return send(request, reply, jaegerResponse([toJaegerTrace(trace)]));
  });

  function find(search: JaegerSearch): Promise<readonly TraceId[]> {
    const { service, operation, durationNanosMin, durationNanosMax } = search;
    return reader.findTraceIds(tenant, {
      ...(service === undefined ? {} : { service }),
      ...(operation === undefined ? {} : { operation }),
      ...(durationNanosMin === undefined ? {} : { durationNanosMin }),
      ...(durationNanosMax === undefined ? {} : { durationNanosMax }),
      ...searchConditions(search.tags),
      startTimeMin: search.startTimeMin,
      startTimeMax: search.startTimeMax,
      limit: Math.min(search.limit, limits.searchResults.value),
    });
  }
}

function ask<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return withDeadline(answer, limits.queryMillis.value);
}

function kindOf(text: string | null): SpanKind | undefined {
  if (!text) return undefined;
  const kind = parseJaegerSpanKind(text);
  if (kind === undefined) throw invalidParameter('spanKind', `no such span kind: ${JSON.stringify(text)}`);
  return kind;
}

/** As many readers as the engine has sessions to spare: more would only wait there. */
const tracesAtOnce = 3;

/** Order as asked. What is not there, or would make the answer too large, is told in `errors`. */
async function readTraces(
  reader: TraceReader,
  tenant: number,
  ids: readonly TraceId[],
): Promise<{ readonly traces: readonly JaegerTrace[]; readonly errors: readonly JaegerError[] }> {
  const found = new Map<TraceId, JaegerTrace>();
  const errors: JaegerError[] = [];
  const left = ids.values();
  let spanCount = 0;
  const readOn = async () => {
    for (const id of left) {
      const traceID = formatJaegerTraceId(id);
      if (spanCount >= limits.jaegerSpans.value) {
        errors.push({ msg: `left out: the answer already has ${spanCount} spans`, traceID });
        continue;
      }
      const trace = await reader.trace(tenant, id);
      if (trace === undefined) {
        errors.push({ msg: 'trace not found', traceID });
        continue;
      }
      spanCount += trace.spans.length;
      found.set(id, toJaegerTrace(trace));
    }
  };
  await Promise.all(Array.from({ length: tracesAtOnce }, readOn));
  return { traces: ids.flatMap((id) => found.get(id) ?? []), errors };
}

function send(request: FastifyRequest, reply: FastifyReply, body: object): FastifyReply {
  const pretty = queryOf(request).get('prettyPrint') ?? '';
  const indent = pretty === '' || pretty === 'false' ? undefined : 4;
  return reply.type('application/json').send(JSON.stringify(body, undefined, indent));
}
