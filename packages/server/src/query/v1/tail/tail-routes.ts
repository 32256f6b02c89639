import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { limits } from '../../../limits.ts';
import { ask } from '../../ask.ts';
import type { QueryContext } from '../../query-context.ts';
import { QueryError } from '../../query-error.ts';
import { queryOf } from '../../query-string.ts';
import { securityHeaders } from '../../security-headers.ts';
import { parseParameters } from '../parameters.ts';
import { filterOf } from '../search/search-parameters.ts';
import { readTailRound } from './tail-round.ts';
import { followTail } from './tail-view.ts';

export const tailParameters = z.strictObject({
  filter: z.string().default('').describe('In the language of docs/filter-language.md; empty: everything.'),
  of: z.enum(['spans', 'traces'], 'expected spans or traces').default('spans'),
});

/** `/api/v1/tail`: what matches a filter, as it becomes searchable. */
export function tailRoutes(app: FastifyInstance, context: QueryContext): void {
  const { reader, tenant, clock, live, metrics, logger } = context;
  let open = 0;
  const closing = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const close of closing) close();
  });

  app.get('/api/v1/tail', async (request, reply) => {
    const asked = parseParameters(tailParameters, queryOf(request));
    const { filter } = filterOf(asked.filter);
    if (open >= limits.tailViews.value) {
      throw new QueryError(503, 'too_many_live_views', 'too many live tails are open; close one', {
        retryAfterSeconds: 30,
      });
    }
    open += 1;
    try {
      const stored = await ask(
        reader,
        async (within) => (await within.searchBounds(tenant))?.ingestSeq ?? 0n,
      );
      // Of the segment that is being stored, part may be there already.
      const newest = live.latestSeq ?? stored;
      const seen = request.headers['last-event-id'];
      const isSeq = typeof seen === 'string' && /^\d{1,19}$/.test(seen) && BigInt(seen) <= newest;
      const afterSeq = isSeq ? BigInt(seen) : newest;
      const response = reply.raw;
      const close = () => void response.destroy();
      closing.add(close);
      response.once('close', () => closing.delete(close));
      reply.hijack();
      response.writeHead(200, {
        ...securityHeaders,
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      await followTail({
        response,
        live,
        afterSeq,
        hello: { ingestSeq: String(afterSeq), missed: seen !== undefined && !isSeq },
        round: (after, upTo) =>
          ask(reader, (within) => readTailRound(within, tenant, filter, asked.of, [after, upTo], clock())),
        onDropped: (count) => metrics.tailDropped(count),
      });
    } catch (error) {
      if (!reply.sent && !reply.raw.headersSent) throw error;
      logger.error({ err: error }, 'a live tail ended');
    } finally {
      open -= 1;
    }
    return reply;
  });
}
