import fastifyCompress from '@fastify/compress';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { limits } from '../limits.ts';
import { forCaller } from './caller.ts';
import { createHostGuard } from './host-guard.ts';
import { jaegerRoutes } from './jaeger-routes.ts';
import { jaegerUiApp, ownUiPath, readJaegerUi } from './jaeger-ui.ts';
import { jaegerV3Routes } from './jaeger-v3-routes.ts';
import type { QueryContext } from './query-context.ts';
import { QueryError } from './query-error.ts';
import { refuseClient } from './refuse-client.ts';
import { securityHeaders } from './security-headers.ts';
import { traceResponseOf } from './trace-response.ts';
import { sendError, v1Routes } from './v1/v1-routes.ts';
import { isPageRequest, webApp } from './web-app.ts';

export interface QueryAppSettings extends QueryContext {
  readonly listen: string;
  readonly allowedHosts: readonly string[];
  /** Folder of the built UI. */
  readonly webDir: string;
  /** Folder of a built jaeger-ui that takes the front; ours then stands under `ownUiPath` only. */
  readonly uiDir?: string | undefined;
}

const hostNotAllowed = new QueryError(
  403,
  'host_not_allowed',
  'this host name is not allowed; start the server with --allowed-host and the name',
);

/** Everything on the query port, not yet listening. */
export async function createQueryApp(settings: QueryAppSettings): Promise<FastifyInstance> {
  const isAllowedHost = createHostGuard(settings.listen, settings.allowedHosts);
  const guard = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.headers(securityHeaders);
    reply.header('traceresponse', traceResponseOf(request.headers.traceparent));
    if (isAllowedHost(request.headers.host)) return;
    settings.metrics.hostRefused();
    await sendError(reply, hostNotAllowed);
  };
  const app = fastify({
    logger: false,
    // Nothing here takes a body yet.
    bodyLimit: 1_024,
    requestTimeout: limits.requestMillis.value,
    http: { maxHeaderSize: limits.headerBytes.value, headersTimeout: limits.headersMillis.value },
    routerOptions: { maxParamLength: 2_048 },
    forceCloseConnections: true,
    // Where Fastify itself can't read the address, no hook runs.
    frameworkErrors: async (_error, request, reply) => {
      await guard(request, reply);
      if (!reply.sent)
        await sendError(reply, new QueryError(400, 'bad_request', 'the address is not understood'));
    },
    clientErrorHandler: refuseClient,
  });
  app.server.maxConnections = limits.queryConnections.value;

  app.addHook('onRequest', guard);
  app.addHook('onRequest', (_request, reply, done) => {
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    forCaller(gone.signal, done);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url;
    if (route?.startsWith('/api/'))
      settings.metrics.queryAnswered(route, reply.statusCode, reply.elapsedTime);
  });
  // Cheap, and on a loopback connection as quick as none: level 1 halves the time of the default.
  await app.register(fastifyCompress, {
    encodings: ['gzip'],
    // Whoever takes a body reads it within bounds of its own.
    globalDecompression: false,
    threshold: 4_096,
    zlibOptions: { level: 1 },
  });

  app.register(async (scope) => jaegerRoutes(scope, settings));
  app.register(async (scope) => jaegerV3Routes(scope, settings));
  app.register(async (scope) => v1Routes(scope, settings));
  const jaegerUi = settings.uiDir === undefined ? undefined : readJaegerUi(settings.uiDir);
  const sendOwnPage = await webApp(app, settings.webDir, { hasFront: jaegerUi === undefined });
  const sendFront = jaegerUi === undefined ? sendOwnPage : await jaegerUiApp(app, jaegerUi);
  app.setNotFoundHandler((request, reply) => {
    if (!/^\/(api|analytics)\b/.test(request.url) && isPageRequest(request.method, request.url)) {
      const isOwn = request.url === ownUiPath || /^\/spanwise[/?]/.test(request.url);
      return (isOwn ? sendOwnPage : sendFront)(reply);
    }
    return sendError(reply, new QueryError(404, 'not_found', 'there is nothing at this address'));
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) settings.logger.error({ err: error }, 'a request failed');
    const isOurs = status >= 500;
    return sendError(
      reply,
      new QueryError(
        status,
        isOurs ? 'internal_error' : 'bad_request',
        isOurs ? 'something went wrong here' : 'not understood',
      ),
    );
  });
  return app;
}
