import type { AttributesResponse, OperationsResponse, ServicesResponse, TracesResponse } from '@spanwise/api';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ask } from '../ask.ts';
import type { QueryContext } from '../query-context.ts';
import { problemContentType, QueryError, toProblem, toQueryError } from '../query-error.ts';
import { queryOf } from '../query-string.ts';
import { securityHeaders } from '../security-headers.ts';
import { exemplarRoutes } from './exemplar-routes.ts';
import { instrumentationRoutes } from './instrumentation-routes.ts';
import { logRoutes } from './log-routes.ts';
import { buildOpenApiDocument } from './openapi/build-openapi-document.ts';
import {
  attributesParameters,
  noParameters,
  operationsParameters,
  parseParameters,
  searchParameters,
} from './parameters.ts';
import { searchRoutes } from './search/search-routes.ts';
import { searchTraces } from './search-traces.ts';
import { settledRoutes } from './settled-routes.ts';
import { statsRoutes } from './stats-routes.ts';
import { tailRoutes } from './tail/tail-routes.ts';
import { toKindName } from './to-dto.ts';
import { traceRoutes } from './trace-routes.ts';

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

  app.get('/api/v1/attributes', async (request): Promise<AttributesResponse> => {
    const { prefix, limit } = parseParameters(attributesParameters, queryOf(request));
    const bounded = { ...(prefix === undefined ? {} : { prefix }), limit: limit + 1 };
    const keys = await ask(reader, (asked) => asked.attributeKeys(tenant, bounded));
    return {
      attributes: keys.slice(0, limit).map(({ key, level }) => ({ key, level })),
      truncated: keys.length > limit,
    };
  });

  app.get('/api/v1/traces', async (request): Promise<TracesResponse> => {
    const search = parseParameters(searchParameters, queryOf(request));
    return ask(reader, (asked) => searchTraces(asked, tenant, search, context.clock()));
  });

  traceRoutes(app, context);
  logRoutes(app, context);
  statsRoutes(app, context);
  settledRoutes(app, context);
  instrumentationRoutes(app, context);
  exemplarRoutes(app, context);
  tailRoutes(app, context);
  searchRoutes(app, context);

  app.get('/api/v1/status', async (request) => {
    parseParameters(noParameters, queryOf(request));
    return context.status();
  });

  app.get('/api/v1/system', async (request) => {
    parseParameters(noParameters, queryOf(request));
    return context.system();
  });

  let document: string | undefined;
  app.get('/api/v1/openapi.json', async (request, reply) => {
    parseParameters(noParameters, queryOf(request));
    document ??= JSON.stringify(buildOpenApiDocument());
    return reply.type('application/json').send(document);
  });

  app.get('/api/v1/live', async (request, reply) => {
    parseParameters(noParameters, queryOf(request));
    if (context.live.isFull) {
      throw new QueryError(503, 'too_many_live_views', 'too many live views are open; close one', {
        retryAfterSeconds: 30,
      });
    }
    reply.hijack();
    const lastEventId = request.headers['last-event-id'];
    context.live.add(reply.raw, securityHeaders, typeof lastEventId === 'string' ? lastEventId : undefined);
    return reply;
  });
}

export function sendError(reply: FastifyReply, error: QueryError): FastifyReply {
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  return reply.code(error.status).type(problemContentType).send(toProblem(error));
}
