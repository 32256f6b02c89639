import type { Filter } from '@spanwise/filter';
import { type Nanos, type TraceId, type UnixNano, unixNano } from '@spanwise/model';
import { parseGoDuration } from './go-duration.ts';
import type { Parsed, SearchTag } from './logfmt.ts';
import { ParameterError, parsing } from './parsing.ts';
import { clampTime } from './rfc3339.ts';
import { parseJaegerTraceId } from './trace-id.ts';

/** What a search asks for, in any of Jaeger's APIs. */
export interface JaegerConditions {
  readonly service?: string;
  readonly operation?: string;
  /** Both inclusive. */
  readonly startTimeMin?: UnixNano;
  readonly startTimeMax?: UnixNano;
  /** At least 1; the caller sets the upper bound. */
  readonly limit: number;
  readonly durationNanosMin?: Nanos;
  readonly durationNanosMax?: Nanos;
  /** One per key, the last one given wins. */
  readonly tags: readonly SearchTag[];
  /** Version 3 only; then it alone, with the times, is what is asked. */
  readonly filter?: Filter;
}

/** `GET /api/traces`, parsed. `service` is present unless `traceIds` are. */
export interface JaegerSearch extends JaegerConditions {
  readonly startTimeMin: UnixNano;
  readonly startTimeMax: UnixNano;
  /** When there are any, the other conditions do not count. */
  readonly traceIds: readonly TraceId[];
}

/** Of every Jaeger search that names none. */
export const defaultLimit = 100;
const defaultLookbackNanos = 2n * 24n * 3600n * 1_000_000_000n;

/**
 * Parses the query of Jaeger's legacy search. `raw` is taken and does nothing: reads adjust nothing.
 *
 * Errors: the message that Jaeger 2.20 gives with its 400, or the same in our words.
 * Source: jaegertracing/jaeger v2.20, jaegerquery/internal/query_parser.go.
 */
export function parseJaegerSearch(query: URLSearchParams, now: UnixNano): Parsed<JaegerSearch> {
  return parsing(() => readSearch(query, now));
}

function readSearch(query: URLSearchParams, now: UnixNano): JaegerSearch {
  const startTimeMin = readMicros(query, 'start') ?? unixNano(now - defaultLookbackNanos);
  const startTimeMax = readMicros(query, 'end') ?? now;
  const tags = readTags(query);
  const limit = readInteger(query, 'limit');
  const durationNanosMin = readDuration(query, 'minDuration');
  const durationNanosMax = readDuration(query, 'maxDuration');
  const traceIds = query.getAll('traceID').map(readTraceId);
  const service = query.get('service') || undefined;
  const operation = query.get('operation') || undefined;

  if (traceIds.length === 0 && service === undefined) {
    throw new ParameterError("parameter 'service' is required");
  }
  if (limit !== undefined && limit <= 0n) {
    throw new ParameterError('invalid parameter: limit must be greater than 0');
  }
  if (startTimeMin > startTimeMax) {
    throw new ParameterError('invalid parameter: start time must be before end time');
  }
  if (
    durationNanosMin !== undefined &&
    durationNanosMax !== undefined &&
    durationNanosMax < durationNanosMin
  ) {
    throw new ParameterError("'maxDuration' should be greater than 'minDuration'");
  }
  return {
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation }),
    startTimeMin,
    startTimeMax,
    limit: limit === undefined ? defaultLimit : Number(limit),
    ...(durationNanosMin === undefined ? {} : { durationNanosMin }),
    ...(durationNanosMax === undefined ? {} : { durationNanosMax }),
    tags,
    traceIds,
  };
}

export function readInteger(query: URLSearchParams, name: string): bigint | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^[+-]?\d{1,19}$/.test(text)) {
    throw new ParameterError(`unable to parse param '${name}': not an integer: ${JSON.stringify(text)}`);
  }
  return BigInt(text.replace('+', ''));
}

/** People ask for "everything" with 0 and with nines: times are moved into what an int64 of nanoseconds holds. */
function readMicros(query: URLSearchParams, name: string): UnixNano | undefined {
  const micros = readInteger(query, name);
  if (micros === undefined) return undefined;
  return clampTime(micros * 1_000n);
}

/** Zero is no condition, as in Jaeger. */
function readDuration(query: URLSearchParams, name: string): Nanos | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const nanos = parseGoDuration(text);
  if (nanos === undefined) {
    throw new ParameterError(
      `unable to parse param '${name}': time: invalid duration ${JSON.stringify(text)}`,
    );
  }
  return nanos === 0 ? undefined : nanos;
}

function readTraceId(text: string): TraceId {
  const id = parseJaegerTraceId(text);
  if (id === undefined) {
    throw new ParameterError(`cannot parse traceID param: not a trace id: ${JSON.stringify(text)}`);
  }
  return id;
}

function readTags(query: URLSearchParams): SearchTag[] {
  const tags = new Map<string, string>();
  for (const tag of query.getAll('tag')) {
    const colon = tag.indexOf(':');
    if (colon < 0) {
      throw new ParameterError(`malformed 'tag' parameter, expecting key:value, received: ${tag}`);
    }
    tags.set(tag.slice(0, colon), tag.slice(colon + 1));
  }
  for (const json of query.getAll('tags')) {
    for (const [key, value] of Object.entries(readTagObject(json))) tags.set(key, value);
  }
  return Array.from(tags, ([key, value]) => ({ key, value }));
}

function readTagObject(json: string): Record<string, string> {
  const value = parseTextRecord(json);
  if (typeof value === 'string') throw new ParameterError(`malformed 'tags' parameter, ${value}`);
  return value;
}

/** A JSON object whose values are strings; or, as text, what is wrong. */
export function parseTextRecord(json: string): Record<string, string> | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'cannot unmarshal JSON';
  }
  return isTextRecord(value) ? value : 'expecting a JSON object whose values are strings';
}

function isTextRecord(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((member) => typeof member === 'string');
}
