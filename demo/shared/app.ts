import { pinoDestination, pinoMixin } from '@spanwise/sdk';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { pino } from 'pino';
import { addFaults } from './faults.ts';
import { errorAnswer } from './request-error.ts';
import type { ServiceName } from './services.ts';

/** Far above any message here, far below what could hurt. */
const MAX_BODY_BYTES = 256 * 1024;

/** The whole request, the last byte of the body included. */
const REQUEST_TIMEOUT_MILLIS = 30_000;

/**
 * What all six have in common: JSON lines with the trace's ids, `/health`, errors as codes, faults for
 * showing. No handler here makes a span for its request: `setupTracing` has seen to that.
 *
 * The log says which route answered what, and how fast. Never a body, a query or an error's text.
 */
export function createApp(
  service: ServiceName,
  options: { readonly maxBodyBytes?: number } = {},
): FastifyInstance {
  const level = process.env.LOG_LEVEL ?? 'info';
  const logger: FastifyBaseLogger = pino(
    { level, mixin: pinoMixin({ serviceName: service }) },
    pinoDestination(),
  );
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    // Fastify's own lines would hold the URL with its query; one line below says what is needed.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.maxBodyBytes ?? MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MILLIS,
  });

  app.setErrorHandler((error, request, reply) => {
    const { status, body, retryAfterSeconds } = errorAnswer(error);
    if (status >= 500) request.log.error({ err: error, code: body.code }, 'request failed');
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ code: 'not_found' }));
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const route = request.routeOptions.url;
    if (route !== '/health') {
      request.log.info(
        { method, route, status: reply.statusCode, millis: Math.round(reply.elapsedTime) },
        'request done',
      );
    }
    done();
  });

  addFaults(app, service);
  app.get('/health', () => ({ status: 'ok', service }));
  return app;
}
