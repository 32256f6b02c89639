import type { InstrumentationResponse } from '@spanwise/api';
import type { FastifyInstance } from 'fastify';
import { ask } from '../ask.ts';
import type { QueryContext } from '../query-context.ts';
import { queryOf } from '../query-string.ts';
import { describeFlaw } from './describe-flaw.ts';
import { parseParameters, rangeParameters } from './parameters.ts';
import { windowOf } from './window-of.ts';

const defaultLookbackMillis = 24 * 3_600_000;
const rowsMax = 1_000;

/** What is wrong with how services send, and what to change. */
export function instrumentationRoutes(app: FastifyInstance, { reader, tenant, clock }: QueryContext): void {
  app.get('/api/v1/instrumentation', async (request): Promise<InstrumentationResponse> => {
    const given = parseParameters(rangeParameters, queryOf(request));
    const range = windowOf(given, clock(), defaultLookbackMillis);
    // What came at this very moment counts.
    const found = await ask(reader, (asked) =>
      asked.flaws(tenant, { ...range, endMillis: range.endMillis + 1 }, rowsMax + 1),
    );
    return {
      ...range,
      flaws: found.slice(0, rowsMax).map((flaw) => ({
        service: flaw.service,
        what: flaw.what,
        ...(flaw.detail === '' ? {} : { detail: flaw.detail }),
        count: flaw.count,
        sinceMillis: flaw.firstMillis,
        lastMillis: flaw.lastMillis,
        ...(flaw.traceId === undefined ? {} : { traceId: flaw.traceId }),
        ...describeFlaw(flaw),
      })),
      truncated: found.length > rowsMax,
    };
  });
}
