import { countOf, quantile, usualSamplesMin } from '@spanwise/analysis';
import { type Filter, type Percentile, percentilesOf } from '@spanwise/filter';
import { unixNano, unixNanoFromMillis } from '@spanwise/model';
import { EngineError, type OperationHistory, type Search, type TraceReader } from '@spanwise/store';
import { limits } from '../../../limits.ts';
import { invalidParameter, QueryError } from '../../query-error.ts';
import { windowOf } from '../window-of.ts';
import type { Pages } from './search-cursor.ts';
import type { SearchedParameters } from './search-parameters.ts';

const nanosPerMilli = 1_000_000n;

/**
 * The window asked for, to a nanosecond; without one, all that is stored. Absence: undefined while nothing is stored.
 * @throws QueryError for windows that are none.
 */
export async function pagesOf(
  reader: TraceReader,
  tenant: number,
  asked: SearchedParameters,
  now: number,
): Promise<Pages | undefined> {
  const { startMillis, endMillis } = windowOf(asked, now, Number.POSITIVE_INFINITY);
  const bounds = await reader.searchBounds(tenant);
  if (bounds === undefined) return undefined;
  const { start, lookback, end } = asked;
  const to = unixNanoFromMillis(endMillis) + nanosPerMilli - 1n;
  const from = unixNanoFromMillis(startMillis);
  const isFromGiven = start !== undefined || lookback !== undefined;
  return {
    // Where there is nothing, nothing needs to be looked for. Clocks of senders run ahead: without an end, their
    // future counts too.
    from: isFromGiven && from > bounds.from ? from : bounds.from,
    to: end !== undefined && to < bounds.to ? unixNano(to) : bounds.to,
    ingestSeq: bounds.ingestSeq,
    asOfMillis: now,
  };
}

export async function searchFor(
  reader: TraceReader,
  tenant: number,
  filter: Filter,
  { asOfMillis, ...pages }: Pages,
): Promise<Search> {
  const percentiles = percentilesOf(filter);
  return {
    ...pages,
    filter,
    histories: await Promise.all(
      percentiles.map((percentile) => historyOf(reader, tenant, percentile, asOfMillis)),
    ),
    budgetMillis: limits.searchMillis.value,
  };
}

async function historyOf(
  reader: TraceReader,
  tenant: number,
  percentile: Percentile,
  asOfMillis: number,
): Promise<OperationHistory> {
  const most = limits.searchOperations.value;
  const rows = await reader.series(tenant, {
    startMillis: Math.max(0, asOfMillis - percentile.lookbackNanos / 1e6),
    endMillis: asOfMillis,
    by: ['service', 'name', 'kind'],
    limit: most + 1,
  });
  if (rows.length > most) {
    throw new QueryError(422, 'too_broad', `more than ${most} operations have a history; look back less far`);
  }
  return {
    percentile,
    operations: rows.flatMap(({ service, name, kind, buckets }) => {
      const nanos =
        countOf(buckets) < usualSamplesMin ? undefined : quantile(buckets, percentile.percent / 100);
      return nanos === undefined ? [] : [{ service, name, kind, nanos }];
    }),
  };
}

/** ClickHouse, src/Common/ErrorCodes.cpp. */
const engineCodes = { timeoutExceeded: 159, memoryLimitExceeded: 241, cannotCompileRegexp: 427 } as const;

/** Says what to narrow where a search is over its budget, and whose fault a pattern is. */
export async function withinBudget<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.code === engineCodes.cannotCompileRegexp) {
      throw invalidParameter('filter', 'a pattern is not one of RE2');
    }
    if (isOverBudget(error)) {
      throw new QueryError(
        422,
        'too_broad',
        'the search takes too long; narrow the time window, name a service, or add a condition',
      );
    }
    throw error;
  }
}

export function isOverBudget(error: unknown): boolean {
  return (
    error instanceof EngineError &&
    (error.code === engineCodes.timeoutExceeded || error.code === engineCodes.memoryLimitExceeded)
  );
}
