import { countOf, quantile } from '@spanwise/analysis';
import type { StatsResponse, StatsRowDto } from '@spanwise/api';
import type { SeriesRow } from '@spanwise/store';
import type { FastifyInstance } from 'fastify';
import { ask } from '../ask.ts';
import type { QueryContext } from '../query-context.ts';
import { invalidParameter } from '../query-error.ts';
import { queryOf } from '../query-string.ts';
import { parseParameters, statsParameters } from './parameters.ts';
import { toKindName } from './to-dto.ts';
import { windowOf } from './window-of.ts';

const defaultLookbackMillis = 3_600_000;
/** Of one row for each window. */
const windowsMax = 1_000;
const rowsMax = 10_000;

/** Rates, errors and percentiles, out of the stored series. */
export function statsRoutes(app: FastifyInstance, { reader, tenant, clock }: QueryContext): void {
  app.get('/api/v1/stats', async (request): Promise<StatsResponse> => {
    const search = parseParameters(statsParameters, queryOf(request));
    const { by, service, operation, kind, step } = search;
    const { startMillis, endMillis } = windowOf(search, clock(), defaultLookbackMillis);
    if (step !== undefined && (endMillis - startMillis) / step > windowsMax) {
      throw invalidParameter('step', `gives more than ${windowsMax} windows; make it longer`);
    }
    const rows = await ask(reader, (asked) =>
      asked.series(tenant, {
        startMillis,
        endMillis,
        by: by === 'service' ? ['service'] : ['service', 'name', 'kind'],
        ...(service === undefined ? {} : { service }),
        ...(operation === undefined ? {} : { name: operation }),
        ...(kind === undefined ? {} : { kinds: kind }),
        ...(step === undefined ? {} : { stepMillis: step }),
        limit: rowsMax + 1,
      }),
    );
    const seconds = (step ?? Math.max(60_000, endMillis - startMillis)) / 1_000;
    return {
      startMillis,
      endMillis,
      rows: rows.slice(0, rowsMax).map((row) => ({
        service: row.service,
        ...(by === 'service' ? {} : { operation: row.name, kind: toKindName(row.kind) }),
        ...(step === undefined ? {} : { windowMillis: row.windowMillis }),
        ...figuresOf(row, seconds),
      })),
      truncated: rows.length > rowsMax,
    };
  });
}

function figuresOf(
  { spanCount, errorCount, totalNanos, buckets }: SeriesRow,
  seconds: number,
): Omit<StatsRowDto, 'service' | 'operation' | 'kind' | 'windowMillis'> {
  const at = (share: number) => Math.round(quantile(buckets, share) ?? -1);
  return {
    spanCount,
    errorCount,
    spansPerSecond: spanCount / seconds,
    meanNanos: countOf(buckets) > 0 ? Math.round(totalNanos / spanCount) : -1,
    p50Nanos: at(0.5),
    p95Nanos: at(0.95),
    p99Nanos: at(0.99),
  };
}
