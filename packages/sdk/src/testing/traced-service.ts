/** A service as a user would write one; the tests run it as a process of its own. */

import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  currentTraceId,
  pinoDestination,
  pinoMixin,
  setupTracing,
  TracedServiceClient,
  traced,
} from '@spanwise/sdk';
import Fastify from 'fastify';
import pino from 'pino';

const tracing = setupTracing(process.env.SERVICE ?? 'service', { batch: { scheduledDelayMillis: 20 } });
const logger = pino({ mixin: pinoMixin() }, pinoDestination());
const app = Fastify({ loggerInstance: logger });

app.get('/health', async () => ({ ok: true }));

app.get('/echo/:id', async (request) => ({ traceId: currentTraceId(), headers: request.headers }));

/** Calls `target` in one of the ways that a service may call another. */
app.get<{ Querystring: { target: string; by: string } }>('/hop', async (request) => {
  const { target, by } = request.query;
  return traced.step('hop', async () => {
    if (by === 'client') return new TracedServiceClient(target).get('/echo/1');
    if (by === 'fetch') return (await fetch(`${target}/echo/1`)).json();
    const response = await new Promise<NodeJS.ReadableStream>((resolve) => get(`${target}/echo/1`, resolve));
    return JSON.parse(await text(response));
  });
});

class ToolBroke extends Error {}

/** A tool that fails with what the user said in its message, as tools do. */
app.post<{ Body: { argument: string } }>('/tool', async (request, reply) => {
  const { argument } = request.body;
  logger.info({ 'gen_ai.input.messages': argument }, 'tool called');
  try {
    await traced.tool(
      { name: 'calculator', attributes: { 'gen_ai.tool.call.arguments': argument } },
      async () => {
        throw new ToolBroke(`cannot calculate ${argument}`, { cause: new Error(argument) });
      },
    );
  } catch (error) {
    logger.error(error);
    logger.warn({ err: error, inner: { 'gen_ai.output.messages': argument } }, 'tool failed');
    return reply.code(500).send({ code: 'tool_broke' });
  }
  return {};
});

process.once('SIGTERM', async () => {
  await app.close();
  await tracing.shutdown();
  console.log(JSON.stringify({ counts: tracing.exportCounts() }));
});

await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : undefined }));
