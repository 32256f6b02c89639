import { type SpanKind, spanKinds } from '@spanwise/model';
import type { Parsed } from './logfmt.ts';
import { ParameterError, parsing } from './parsing.ts';
import { readMillis } from './read-millis.ts';
import { parseJaegerSpanKind } from './tags.ts';

/** What all of `/api/metrics/*` ask for. Times in milliseconds. */
export interface JaegerMetricsQuery {
  readonly services: readonly string[];
  readonly groupByOperation: boolean;
  readonly endMillis: number;
  readonly lookbackMillis: number;
  /** Between two points. */
  readonly stepMillis: number;
  /** What each point speaks of: so long before it. */
  readonly ratePerMillis: number;
  readonly kinds: readonly SpanKind[];
}

/** Jaeger 2.20's. (jaegerquery/internal/query_parser.go.) */
const defaults = { lookbackMillis: 3_600_000, stepMillis: 5_000, ratePerMillis: 600_000 } as const;

/** Errors: the message that Jaeger gives with its 400, or the same in our words. */
export function parseJaegerMetrics(query: URLSearchParams, nowMillis: number): Parsed<JaegerMetricsQuery> {
  return parsing(() => {
    const services = query.getAll('service').filter((service) => service !== '');
    if (services.length === 0) throw new ParameterError('please provide at least one service name');
    const kinds = query.getAll('spanKind').map(readKind);
    return {
      services,
      groupByOperation: readBoolean(query, 'groupByOperation'),
      endMillis: readMillis(query, 'endTs') ?? nowMillis,
      lookbackMillis: readMillis(query, 'lookback') ?? defaults.lookbackMillis,
      stepMillis: readMillis(query, 'step') ?? defaults.stepMillis,
      ratePerMillis: readMillis(query, 'ratePer') ?? defaults.ratePerMillis,
      kinds: kinds.length > 0 ? kinds : [spanKinds.server],
    };
  });
}

/** As above, with the required `quantile`. */
export function parseJaegerLatencies(
  query: URLSearchParams,
  nowMillis: number,
): Parsed<JaegerMetricsQuery & { readonly quantile: number }> {
  return parsing(() => {
    const common = parseJaegerMetrics(query, nowMillis);
    if (!common.ok) throw new ParameterError(common.message);
    const text = query.get('quantile') ?? '';
    const quantile = Number(text);
    if (text.trim() === '' || !(quantile > 0 && quantile <= 1)) {
      throw new ParameterError("unable to parse param 'quantile': expecting a number above 0 and up to 1");
    }
    return { ...common.value, quantile };
  });
}

function readBoolean(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  if (text === null || text === '') return false;
  const value = { true: true, '1': true, t: true, false: false, '0': false, f: false }[text.toLowerCase()];
  if (value === undefined) {
    throw new ParameterError(`unable to parse param '${name}': not a boolean: ${JSON.stringify(text)}`);
  }
  return value;
}

function readKind(text: string): SpanKind {
  const kind = parseJaegerSpanKind(text);
  if (kind === undefined) {
    throw new ParameterError(`unsupported span kind: ${JSON.stringify(text)}`);
  }
  return kind;
}
