import { quantile } from '@spanwise/analysis';
import type { CallsResponse, UsageResponse } from '@spanwise/api';
import { pricesChecked } from '@spanwise/semconv/prices';
import type { FastifyInstance } from 'fastify';
import { ask } from '../ask.ts';
import type { QueryContext } from '../query-context.ts';
import { queryOf } from '../query-string.ts';
import { parseParameters, rangeParameters } from './parameters.ts';
import { windowOf } from './window-of.ts';

const defaultLookbackMillis = 3_600_000;

/** What only whole traces tell, as the settle job found it. */
export function settledRoutes(app: FastifyInstance, { reader, tenant, clock }: QueryContext): void {
  app.get('/api/v1/calls', async (request): Promise<CallsResponse> => {
    const given = parseParameters(rangeParameters, queryOf(request));
    const range = windowOf(given, clock(), defaultLookbackMillis);
    const calls = await ask(reader, (asked) => asked.serviceCalls(tenant, range));
    const seconds = Math.max(1, range.endMillis - range.startMillis) / 1_000;
    return {
      ...range,
      calls: calls.map(({ caller, callee, isMessage, callCount, errorCount, totalNanos, buckets }) => {
        const at = (share: number) => Math.round(quantile(buckets, share) ?? -1);
        return {
          caller,
          callee,
          isMessage,
          callCount,
          errorCount,
          callsPerSecond: callCount / seconds,
          meanNanos: callCount > 0 ? Math.round(totalNanos / callCount) : -1,
          p50Nanos: at(0.5),
          p95Nanos: at(0.95),
          p99Nanos: at(0.99),
        };
      }),
    };
  });

  app.get('/api/v1/usage', async (request): Promise<UsageResponse> => {
    const given = parseParameters(rangeParameters, queryOf(request));
    const range = windowOf(given, clock(), defaultLookbackMillis);
    return ask(reader, async (asked) => ({
      ...range,
      pricesChecked,
      models: await asked.modelUsage(tenant, range),
      agents: await asked.agentUses(tenant, range),
    }));
  });
}
