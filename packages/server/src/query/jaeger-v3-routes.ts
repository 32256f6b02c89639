import {
  apiV3ErrorResponse,
  checkApiV3TraceHints,
  type JaegerConditions,
  jaegerSpanKind,
  parseApiV3Search,
  parseJaegerTraceId,
  toApiV3TraceSummary,
} from '@spanwise/jaeger';
import { type Span, type SpanKind, spanKinds } from '@spanwise/model';
import { jsonOfTraceRequest } from '@spanwise/otlp';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { limits } from '../limits.ts';
import { ask } from './ask.ts';
import { kindOf } from './kind-of.ts';
import type { QueryContext } from './query-context.ts';
import { parsedValue, QueryError, toQueryError } from './query-error.ts';
import { queryOf } from './query-string.ts';
import { readTraces } from './read-traces.ts';
import { traceQueryOf } from './trace-query.ts';

/**
 * Jaeger's API version 3 over HTTP. (jaegertracing/jaeger, jaegerquery/internal/apiv3/http_gateway.go, commit
 * 8498073f.) A search without a match is 404, but not one for summaries.
 */
export function jaegerV3Routes(app: FastifyInstance, { reader, tenant, logger }: QueryContext): void {
  app.setErrorHandler((error, request, reply) => {
    const known = toQueryError(error);
    if (known === undefined) logger.error({ err: error, route: request.routeOptions.url }, 'a query failed');
    const { status, contentType, body } = apiV3ErrorResponse(
      known?.status ?? 500,
      known?.message ?? 'internal error',
    );
    if (known?.retryAfterSeconds !== undefined) reply.header('retry-after', String(known.retryAfterSeconds));
    return reply.code(status).header('content-type', contentType).send(body);
  });

  app.get('/api/v3/services', async () => {
    return { services: (await ask(reader, (asked) => asked.services(tenant))).toSorted() };
  });

  app.get('/api/v3/operations', async (request) => {
    const query = queryOf(request);
    const service = query.get('service');
    if (!service) {
      throw new QueryError(400, 'invalid_parameter', 'malformed parameter service: it is required');
    }
    const kindName = query.get('spanKind') ? 'spanKind' : 'span_kind';
    const operations = await ask(reader, (asked) =>
      asked.operations(tenant, service, kindOf(kindName, query.get(kindName))),
    );
    return {
      operations: operations.map(({ name, kind }) => ({
        name,
        spanKind: jaegerSpanKind((kind as SpanKind) || spanKinds.internal),
      })),
    };
  });

  app.get<{ Params: { id: string } }>('/api/v3/traces/:id', async (request) => {
    const { id: text } = request.params;
    const id = parseJaegerTraceId(text);
    if (id === undefined) {
      throw new QueryError(
        400,
        'invalid_parameter',
        `malformed parameter trace_id: not a trace id: ${JSON.stringify(text)}`,
      );
    }
    parsedValue(checkApiV3TraceHints(queryOf(request)));
    const trace = await ask(reader, (asked) => asked.trace(tenant, id));
    return resultOf(trace?.spans ?? []);
  });

  app.get('/api/v3/traces', async (request) => {
    const ids = await ask(reader, (asked) => asked.findTraceIds(tenant, traceQueryOf(searchOf(request))));
    const { found, leftOut, spanCount } = await ask(reader, (asked) =>
      readTraces(asked, tenant, ids, ({ spans }) => spans),
    );
    // The answer has no place to say that something is missing.
    if (leftOut.length > 0) {
      throw new QueryError(
        400,
        'too_large',
        `${found.size} of the ${ids.length} traces found have ${spanCount} spans, and an answer holds about ` +
          `${limits.jaegerSpans.value}: lower query.searchDepth, or ask for summaries`,
      );
    }
    return resultOf(ids.flatMap((id) => found.get(id) ?? []));
  });

  app.get('/api/v3/trace-summaries', async (request) => {
    const summaries = await ask(reader, (asked) => asked.findTraces(tenant, traceQueryOf(searchOf(request))));
    return { summaries: summaries.map(toApiV3TraceSummary) };
  });
}

function searchOf(request: FastifyRequest): JaegerConditions {
  return parsedValue(parseApiV3Search(queryOf(request)));
}

function resultOf(spans: readonly Span[]): object {
  if (spans.length === 0) throw new QueryError(404, 'trace_not_found', 'No traces found');
  return { result: jsonOfTraceRequest(spans) };
}
