import type { ExemplarsResponse } from '@spanwise/api';
import type { Exemplar } from '@spanwise/store';
import type { FastifyInstance } from 'fastify';
import { ask } from '../ask.ts';
import type { QueryContext } from '../query-context.ts';
import { queryOf } from '../query-string.ts';
import { exemplarsParameters, parseParameters } from './parameters.ts';
import { toKindName } from './to-dto.ts';
import { windowOf } from './window-of.ts';

const defaultLookbackMillis = 3_600_000;

/** Traces to look at where a service is slow or fails. */
export function exemplarRoutes(app: FastifyInstance, { reader, tenant, clock }: QueryContext): void {
  app.get('/api/v1/exemplars', async (request): Promise<ExemplarsResponse> => {
    const asked = parseParameters(exemplarsParameters, queryOf(request));
    const { service, operation, kind, limit } = asked;
    const range = windowOf(asked, clock(), defaultLookbackMillis);
    const found = await ask(reader, (within) =>
      within.exemplars(tenant, {
        startMillis: range.startMillis,
        endMillis: range.endMillis + 1,
        service,
        ...(operation === undefined ? {} : { name: operation }),
        ...(kind === undefined ? {} : { kinds: kind }),
        limit,
      }),
    );
    const of = (what: Exemplar['what']) =>
      found
        .filter((one) => one.what === what)
        .map(({ traceId, spanId, name, kind, startTimeUnixNano, durationNanos, hasError }) => ({
          traceId,
          spanId,
          operation: name,
          kind: toKindName(kind),
          startTimeUnixNano: String(startTimeUnixNano),
          durationNanos,
          hasError,
        }));
    return { ...range, slow: of('slow'), failed: of('failed') };
  });
}
