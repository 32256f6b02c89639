import { type Nanos, nanosPerSecond, type UnixNano } from '@spanwise/model';
import type { Parsed, SearchTag } from './logfmt.ts';
import { ParameterError, parsing } from './parsing.ts';
import { clampTime } from './rfc3339.ts';
import { defaultLimit, type JaegerConditions } from './search-parameters.ts';
import { checkFilterIsAlone, structuredFilter } from './structured-filter.ts';

/*
 * The query messages of Jaeger's gRPC APIs as a protobuf library decodes them: camelCase names, fields that were not
 * sent are absent, 64-bit integers are decimal strings.
 */

/** `google.protobuf.Timestamp`, and `Duration`, which looks the same. */
export interface ProtoTime {
  readonly seconds?: string;
  readonly nanos?: number;
}

/** `TraceQueryParameters` of `jaeger.api_v3` (with `attributes` and `filter`) and `jaeger.api_v2` (with `tags`). */
export interface TraceQueryMessage {
  readonly serviceName?: string;
  readonly operationName?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly startTimeMin?: ProtoTime;
  readonly startTimeMax?: ProtoTime;
  readonly durationMin?: ProtoTime;
  readonly durationMax?: ProtoTime;
  /** None, or less: 100. */
  readonly searchDepth?: number;
  readonly filter?: object;
}

/** Version 3 wants both times. Errors: a message that names the field. */
export function conditionsOfApiV3Query(query: TraceQueryMessage | undefined): Parsed<JaegerConditions> {
  return parsing(() => {
    if (query === undefined) throw new ParameterError('query: required');
    if (query.startTimeMin === undefined) throw new ParameterError('query.start_time_min: required');
    if (query.startTimeMax === undefined) throw new ParameterError('query.start_time_max: required');
    if (timeOf(query.startTimeMin) >= timeOf(query.startTimeMax)) {
      throw new ParameterError('query.start_time_min: must be before query.start_time_max');
    }
    const conditions = readConditions(query, query.attributes);
    if (query.filter === undefined) return conditions;
    const { service, operation, durationNanosMin, durationNanosMax, tags } = conditions;
    checkFilterIsAlone([service, operation, durationNanosMin, durationNanosMax, tags[0]]);
    return { ...conditions, filter: structuredFilter(query.filter) };
  });
}

/** Version 2 wants nothing: what is absent is no condition. Errors: a message that names the field. */
export function conditionsOfApiV2Query(query: TraceQueryMessage | undefined): Parsed<JaegerConditions> {
  return parsing(() => {
    if (query === undefined) throw new ParameterError('query: required');
    const { startTimeMin, startTimeMax } = query;
    if (startTimeMin !== undefined && startTimeMax !== undefined) {
      if (timeOf(startTimeMin) > timeOf(startTimeMax)) {
        throw new ParameterError('query.start_time_min: must not be after query.start_time_max');
      }
    }
    return readConditions(query, query.tags);
  });
}

function readConditions(
  query: TraceQueryMessage,
  tags: Readonly<Record<string, string>> = {},
): JaegerConditions {
  const { serviceName, operationName, startTimeMin, startTimeMax, searchDepth = 0 } = query;
  const durationNanosMin = readDuration('query.duration_min', query.durationMin);
  const durationNanosMax = readDuration('query.duration_max', query.durationMax);
  return {
    ...(serviceName ? { service: serviceName } : {}),
    ...(operationName ? { operation: operationName } : {}),
    ...(durationNanosMin === undefined ? {} : { durationNanosMin }),
    ...(durationNanosMax === undefined ? {} : { durationNanosMax }),
    ...(startTimeMin === undefined ? {} : { startTimeMin: timeOf(startTimeMin) }),
    ...(startTimeMax === undefined ? {} : { startTimeMax: timeOf(startTimeMax) }),
    limit: searchDepth > 0 ? searchDepth : defaultLimit,
    tags: Object.entries(tags).map(([key, value]): SearchTag => ({ key, value })),
  };
}

/** Zero is no condition, as in Jaeger. */
function readDuration(field: string, time: ProtoTime | undefined): Nanos | undefined {
  if (time === undefined) return undefined;
  const nanos = Number(nanosOf(time));
  if (nanos < 0) throw new ParameterError(`${field}: must not be negative`);
  return nanos === 0 ? undefined : nanos;
}

export function timeOf(time: ProtoTime): UnixNano {
  return clampTime(nanosOf(time));
}

function nanosOf({ seconds = '0', nanos = 0 }: ProtoTime): bigint {
  return BigInt(seconds) * BigInt(nanosPerSecond) + BigInt(nanos);
}
