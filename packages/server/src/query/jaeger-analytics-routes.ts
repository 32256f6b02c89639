import { buildTree, correctClockSkew } from '@spanwise/analysis';
import { toJaegerDeepDependencies, toJaegerQualityMetrics } from '@spanwise/jaeger';
import { type TraceColumns, type UnixNano, unixNanoFromMillis } from '@spanwise/model';
import type { TraceQuery, TraceReader } from '@spanwise/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { limits } from '../limits.ts';
import { ask } from './ask.ts';
import type { QueryContext } from './query-context.ts';
import { invalidParameter, QueryError } from './query-error.ts';
import { queryOf } from './query-string.ts';

const hourMillis = 3_600_000;

/**
 * What Jaeger 2.20 answers with sample data: here out of the newest traces of the service. Without an envelope.
 * jaeger-ui asks for deep dependencies where Jaeger's analytics would answer.
 * (jaegertracing/jaeger, commit 8498073f, jaegerquery/internal/ddg and qualitymetrics.)
 */
export function jaegerAnalyticsRoutes(app: FastifyInstance, { reader, tenant, clock }: QueryContext): void {
  const sample = (query: Omit<TraceQuery, 'limit'>) =>
    ask(reader, (asked) => readSample(asked, tenant, { ...query, limit: limits.jaegerSampledTraces.value }));

  for (const path of ['/api/deep-dependencies', '/analytics/v1/dependencies']) {
    app.get(path, async (request) => {
      const query = queryOf(request);
      const focus = {
        service: serviceOf(request),
        ...optional('operation', query.get('operation') || undefined),
      };
      const traces = await sample({
        ...focus,
        ...optional('startTimeMin', microsOf(query, 'start')),
        ...optional('startTimeMax', microsOf(query, 'end')),
      });
      const linked = traces.map((columns) => ({ columns, parent: buildTree(columns).parent }));
      return toJaegerDeepDependencies(linked, focus, limits.jaegerCallPaths.value);
    });
  }

  app.get('/api/quality-metrics', async (request) => {
    const service = serviceOf(request);
    const hours = hoursOf(queryOf(request));
    const from = unixNanoFromMillis(Math.max(0, clock() - hours * hourMillis));
    const traces = (await sample({ service, startTimeMin: from })).map((columns) => ({
      columns,
      skewedRows: correctClockSkew(columns, buildTree(columns)).corrections.map(({ row }) => row),
    }));
    return toJaegerQualityMetrics(traces, service, hours);
  });
}

/** The newest first, until they have `limits.jaegerSpans`. */
async function readSample(
  reader: TraceReader,
  tenant: number,
  query: TraceQuery,
): Promise<readonly TraceColumns[]> {
  const traces: TraceColumns[] = [];
  let left = limits.jaegerSpans.value;
  for (const id of await reader.findTraceIds(tenant, query)) {
    const columns = left > 0 ? await reader.traceColumns(tenant, id) : undefined;
    if (columns === undefined) continue;
    traces.push(columns);
    left -= columns.spanCount;
  }
  return traces;
}

/** @throws QueryError 400: what Jaeger makes up for no service at all, nobody needs. */
function serviceOf(request: FastifyRequest): string {
  const service = queryOf(request).get('service');
  if (service) return service;
  throw new QueryError(400, 'invalid_parameter', "parameter 'service' is required");
}

/** Microseconds, 0 for none. @throws QueryError 400 */
function microsOf(query: URLSearchParams, name: string): UnixNano | undefined {
  const text = query.get(name) || '0';
  if (!/^\d{1,16}$/.test(text)) throw invalidParameter(name, 'expected microseconds');
  return text === '0' ? undefined : ((BigInt(text) * 1_000n) as UnixNano);
}

/** Default: a day. @throws QueryError 400 */
function hoursOf(query: URLSearchParams): number {
  const text = query.get('hours') || '24';
  const hours = Number(text);
  if (!/^\d{1,6}$/.test(text) || hours === 0) throw invalidParameter('hours', 'expected a number of hours');
  return hours;
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}
