import { type DurationCounts, quantile } from '@spanwise/analysis';
import {
  type JaegerMetricKind,
  type JaegerMetricsQuery,
  type MetricSeries,
  parseJaegerLatencies,
  parseJaegerMetrics,
  toJaegerMetricFamily,
} from '@spanwise/jaeger';
import type { SeriesRow, TraceReader } from '@spanwise/store';
import type { FastifyInstance } from 'fastify';
import { ask } from './ask.ts';
import type { QueryContext } from './query-context.ts';
import { invalidParameter, parsedValue } from './query-error.ts';
import { queryOf } from './query-string.ts';

const minuteMillis = 60_000;
/** Of one line of a chart; a longer look-back gets wider steps. */
const pointsMax = 500;
const servicesMax = 50;

/** What Jaeger's Monitor page asks: out of our series, so that no other system has to make them. */
export function jaegerMetricsRoutes(app: FastifyInstance, { reader, tenant, clock }: QueryContext): void {
  const family = async (kind: JaegerMetricKind, query: JaegerMetricsQuery) => {
    if (query.services.length > servicesMax) throw invalidParameter('service', `at most ${servicesMax}`);
    const series = await ask(reader, async (asked) => {
      const found: MetricSeries[] = [];
      for (const service of [...new Set(query.services)].sort()) {
        found.push(...(await readService(asked, tenant, kind, query, service)));
      }
      return found;
    });
    return toJaegerMetricFamily(kind, query.groupByOperation, series);
  };
  app.get('/api/metrics/calls', (request) =>
    family('calls', parsedValue(parseJaegerMetrics(queryOf(request), clock()))),
  );
  app.get('/api/metrics/errors', (request) =>
    family('errors', parsedValue(parseJaegerMetrics(queryOf(request), clock()))),
  );
  app.get('/api/metrics/latencies', (request) => {
    const query = parsedValue(parseJaegerLatencies(queryOf(request), clock()));
    return family({ quantile: query.quantile }, query);
  });
}

async function readService(
  reader: TraceReader,
  tenant: number,
  kind: JaegerMetricKind,
  query: JaegerMetricsQuery,
  service: string,
): Promise<readonly MetricSeries[]> {
  const { endMillis, lookbackMillis, groupByOperation } = query;
  const stepMillis = wholeMinutes(Math.max(query.stepMillis, lookbackMillis / pointsMax));
  const ratePerMillis = Math.max(wholeMinutes(query.ratePerMillis), stepMillis);
  const rows = await reader.series(tenant, {
    startMillis: Math.max(0, endMillis - lookbackMillis - ratePerMillis),
    endMillis,
    stepMillis,
    service,
    kinds: query.kinds,
    by: groupByOperation ? ['name'] : [],
  });
  const byOperation = Map.groupBy(rows, ({ name }) => name);
  return Array.from(byOperation, ([name, windows]) => ({
    service,
    ...(groupByOperation ? { operation: name } : {}),
    points: pointsOf(windows, kind, stepMillis, ratePerMillis, endMillis - lookbackMillis, endMillis),
  }));
}

/** A point at the end of each window, about all that began within `ratePerMillis` before it. */
function pointsOf(
  windows: readonly SeriesRow[],
  kind: JaegerMetricKind,
  stepMillis: number,
  ratePerMillis: number,
  startMillis: number,
  endMillis: number,
): MetricSeries['points'] {
  const points: { readonly millis: number; readonly value: number }[] = [];
  const firstEnd = Math.ceil(startMillis / stepMillis) * stepMillis;
  let from = 0;
  let to = 0;
  for (let end = firstEnd; end < endMillis + stepMillis; end += stepMillis) {
    while (to < windows.length && windows[to]!.windowMillis < end) to += 1;
    while (from < to && windows[from]!.windowMillis < end - ratePerMillis) from += 1;
    if (from === to) continue;
    const value = pointValue(windows.slice(from, to), kind, ratePerMillis);
    if (value !== undefined) points.push({ millis: Math.min(end, endMillis), value });
  }
  return points;
}

function pointValue(
  windows: readonly SeriesRow[],
  kind: JaegerMetricKind,
  ratePerMillis: number,
): number | undefined {
  const sum = (figure: (row: SeriesRow) => number) => windows.reduce((total, row) => total + figure(row), 0);
  const calls = sum((row) => row.spanCount);
  if (kind === 'calls') return calls / (ratePerMillis / 1_000);
  if (kind === 'errors') return calls > 0 ? sum((row) => row.errorCount) / calls : undefined;
  const nanos = quantile(together(windows), kind.quantile);
  return nanos === undefined ? undefined : nanos / 1e6;
}

function together(windows: readonly SeriesRow[]): DurationCounts {
  const counts = new Map<number, number>();
  for (const { buckets } of windows) {
    for (const [bucket, count] of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  return counts;
}

/** The series has nothing finer. */
function wholeMinutes(millis: number): number {
  return Math.max(1, Math.ceil(millis / minuteMillis)) * minuteMillis;
}
