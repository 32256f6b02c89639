import { nanosPerMilli, type UnixNano } from '@spanwise/model';
import type { Parsed } from './logfmt.ts';
import { ParameterError, parsing } from './parsing.ts';
import { type ProtoTime, timeOf } from './query-messages.ts';
import { readMillis } from './read-millis.ts';

export interface JaegerDependenciesQuery {
  /** Unix milliseconds. */
  readonly startMillis: number;
  readonly endMillis: number;
  /** Only edges that touch it. */
  readonly service?: string;
}

/** An entry of `GET /api/dependencies`. */
export interface JaegerDependency {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
}

const defaultLookbackMillis = 24 * 3_600_000;

/**
 * Errors: the message that Jaeger gives with its 400, or the same in our words.
 * Source: jaegertracing/jaeger v2.20, jaegerquery/internal/query_parser.go, parseDependenciesQueryParams.
 */
export function parseJaegerDependencies(
  query: URLSearchParams,
  nowMillis: number,
): Parsed<JaegerDependenciesQuery> {
  return parsing(() => {
    const endMillis = readMillis(query, 'endTs') ?? nowMillis;
    const lookbackMillis = readMillis(query, 'lookback') ?? defaultLookbackMillis;
    const service = query.get('service') || undefined;
    return {
      startMillis: Math.max(0, endMillis - lookbackMillis),
      endMillis,
      ...(service === undefined ? {} : { service }),
    };
  });
}

/** `GetDependenciesRequest` of both gRPC APIs. Errors: a message that names the field. */
export function dependenciesQueryOf({
  startTime,
  endTime,
}: {
  readonly startTime?: ProtoTime;
  readonly endTime?: ProtoTime;
}): Parsed<JaegerDependenciesQuery> {
  return parsing(() => {
    if (startTime === undefined) throw new ParameterError('start_time: required');
    if (endTime === undefined) throw new ParameterError('end_time: required');
    const [start, end] = [timeOf(startTime), timeOf(endTime)];
    if (end <= start) throw new ParameterError('end_time: must be after start_time');
    const millisOf = (time: UnixNano) => Number(time / BigInt(nanosPerMilli));
    // The last millisecond counts as a whole.
    return { startMillis: millisOf(start), endMillis: millisOf(end) + 1 };
  });
}

/**
 * `calls` of one pair may be several: over the wire and by message. Counts that sampling made fractions are rounded,
 * and never to none. By parent, child.
 */
export function toJaegerDependencies(
  calls: readonly { readonly caller: string; readonly callee: string; readonly callCount: number }[],
  service?: string,
): readonly JaegerDependency[] {
  const sums = new Map<string, JaegerDependency>();
  for (const { caller: parent, callee: child, callCount } of calls) {
    if (service !== undefined && parent !== service && child !== service) continue;
    const key = `${parent}\0${child}`;
    sums.set(key, { parent, child, callCount: callCount + (sums.get(key)?.callCount ?? 0) });
  }
  return Array.from(sums.entries())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, edge]) => ({ ...edge, callCount: Math.max(1, Math.round(edge.callCount)) }));
}
