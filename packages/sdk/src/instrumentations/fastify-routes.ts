import { subscribe } from 'node:diagnostics_channel';
import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';

/** Fastify announces each new instance on this channel (fastify/fastify `fastify.js`), before its routes are added. */
const CHANNEL = 'fastify.initialization';

/** What is needed of a Fastify 4 or 5 instance. */
interface FastifyInstance {
  addHook(
    name: 'onRequest',
    hook: (
      request: { readonly routeOptions?: { readonly url?: string } },
      reply: unknown,
      done: () => void,
    ) => void,
  ): unknown;
}

/**
 * Tells the server span which route took the request, so that it is called `POST /sessions/:id` and has
 * `http.route`. The HTTP instrumentation makes the span and reads the route from the context; Fastify itself
 * needs no patching and no plugin, which would add a span for each hook and handler.
 */
export function nameSpansByFastifyRoutes(): void {
  subscribe(CHANNEL, (message) => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook('onRequest', (request, _reply, done) => {
      const rpcMetadata = getRPCMetadata(context.active());
      const route = request.routeOptions?.url;
      if (rpcMetadata?.type === RPCType.HTTP && route !== undefined) rpcMetadata.route = route;
      done();
    });
  });
}
