import {
  formatJaegerTraceId,
  type JaegerError,
  type JaegerOperation,
  jaegerErrorResponse,
  jaegerResponse,
  jaegerSpanKind,
  parseJaegerDependencies,
  parseJaegerSearch,
  parseJaegerTraceId,
  toJaegerTrace,
} from '@spanwise/jaeger';
import { type SpanKind, type TraceId, unixNanoFromMillis } from '@spanwise/model';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ask } from './ask.ts';
import { checkSite } from './change-guard.ts';
import { jaegerAnalyticsRoutes } from './jaeger-analytics-routes.ts';
import { readJaegerDependencies } from './jaeger-dependencies.ts';
import { jaegerMetricsRoutes } from './jaeger-metrics-routes.ts';
import { jaegerTransformRoutes } from './jaeger-transform-routes.ts';
import { kindOf } from './kind-of.ts';
import type { QueryContext } from './query-context.ts';
import { invalidParameter, parsedValue, QueryError, toQueryError } from './query-error.ts';
import { queryOf } from './query-string.ts';
import { readTraces } from './read-traces.ts';
import { traceQueryOf } from './trace-query.ts';

/** Jaeger's legacy JSON, as version 2.20 answers it. (jaegertracing/jaeger v2.20, jaegerquery/internal/http_handler.go.) */
export function jaegerRoutes(app: FastifyInstance, context: QueryContext): void {
  const { reader, tenant, clock, logger, archiveTrace } = context;
  app.setErrorHandler((error, request, reply) => {
    const known = toQueryError(error) ?? refusedBody(error);
    if (known === undefined) logger.error({ err: error, route: request.routeOptions.url }, 'a query failed');
    const { status, contentType, body } = jaegerErrorResponse(
      known?.status ?? 500,
      known?.message ?? 'internal error',
    );
    if (known?.retryAfterSeconds !== undefined) reply.header('retry-after', String(known.retryAfterSeconds));
    return reply.code(status).header('content-type', contentType).send(body);
  });

  jaegerMetricsRoutes(app, context);
  jaegerTransformRoutes(app);
  jaegerAnalyticsRoutes(app, context);

  app.get('/api/services', async (request, reply) => {
    const names = (await ask(reader, (asked) => asked.services(tenant))).toSorted();
    return send(request, reply, jaegerResponse(names, { total: names.length }));
  });

  app.get('/api/operations', async (request, reply) => {
    const query = queryOf(request);
    const service = query.get('service');
    if (!service) throw new QueryError(400, 'invalid_parameter', "parameter 'service' is required");
    const operations = await ask(reader, (asked) =>
      asked.operations(tenant, service, kindOf('spanKind', query.get('spanKind'))),
    );
    const data: JaegerOperation[] = operations.map(({ name, kind }) => ({
      name,
      spanKind: jaegerSpanKind(kind as SpanKind),
    }));
    return send(request, reply, jaegerResponse(data, { total: data.length }));
  });

  app.get<{ Params: { service: string } }>('/api/services/:service/operations', async (request, reply) => {
    const operations = await ask(reader, (asked) => asked.operations(tenant, request.params.service));
    const names = [...new Set(operations.map(({ name }) => name))];
    return send(request, reply, jaegerResponse(names, { total: names.length }));
  });

  app.get('/api/traces', async (request, reply) => {
    const now = unixNanoFromMillis(clock());
    const { traceIds, ...search } = parsedValue(parseJaegerSearch(queryOf(request), now));
    const ids =
      traceIds.length > 0
        ? [...new Set(traceIds)]
        : await ask(reader, (asked) => asked.findTraceIds(tenant, traceQueryOf(search)));
    const { found, missing, leftOut, spanCount } = await ask(reader, (asked) =>
      readTraces(asked, tenant, ids, toJaegerTrace),
    );
    const errorOf = (id: TraceId, msg: string): JaegerError => ({ msg, traceID: formatJaegerTraceId(id) });
    const errors = [
      ...missing.map((id) => errorOf(id, 'trace not found')),
      ...leftOut.map((id) => errorOf(id, `left out: the answer already has ${spanCount} spans`)),
    ];
    const traces = ids.flatMap((id) => found.get(id) ?? []);
    return send(request, reply, jaegerResponse(traces, { errors }));
  });

  app.get<{ Params: { id: string } }>('/api/traces/:id', async (request, reply) => {
    const id = traceIdOf(request);
    const trace = await ask(reader, (asked) => asked.trace(tenant, id));
    if (trace === undefined) throw new QueryError(404, 'trace_not_found', 'trace not found');
    return send(request, reply, jaegerResponse([toJaegerTrace(trace)]));
  });

  app.get('/api/dependencies', async (request, reply) => {
    const query = parsedValue(parseJaegerDependencies(queryOf(request), clock()));
    return send(request, reply, jaegerResponse(await readJaegerDependencies(context, query)));
  });

  app.register(async (scope) => {
    // There is nothing to say in a body, so what stands there is of no matter, nor its type.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.post<{ Params: { id: string } }>('/api/archive/:id', async (request, reply) => {
      checkSite(request);
      if (!(await archiveTrace(traceIdOf(request)))) {
        throw new QueryError(404, 'trace_not_found', 'trace not found');
      }
      return send(request, reply, { ...jaegerResponse([]), errors: [] });
    });
  });
}

/** What Fastify says of a body that it does not take. */
function refusedBody(error: unknown): QueryError | undefined {
  const { statusCode = 500 } = error as { readonly statusCode?: number };
  if (statusCode < 400 || statusCode >= 500) return undefined;
  const message = statusCode === 413 ? 'the body is too large' : 'the body is not understood';
  return new QueryError(statusCode, 'bad_request', message);
}

/** Of a path that ends in one. @throws QueryError 400, also for times that are none, though none are needed. */
function traceIdOf(request: FastifyRequest<{ Params: { id: string } }>): TraceId {
  const id = parseJaegerTraceId(request.params.id);
  if (id === undefined) {
    throw new QueryError(400, 'invalid_parameter', `not a trace id: ${JSON.stringify(request.params.id)}`);
  }
  const query = queryOf(request);
  for (const name of ['start', 'end']) {
    if (!/^\d{0,19}$/.test(query.get(name) ?? '')) throw invalidParameter(name, 'expected microseconds');
  }
  return id;
}

function send(request: FastifyRequest, reply: FastifyReply, body: object): FastifyReply {
  const pretty = queryOf(request).get('prettyPrint') ?? '';
  const indent = pretty === '' || pretty === 'false' ? undefined : 4;
  return reply.type('application/json').send(JSON.stringify(body, undefined, indent));
}
