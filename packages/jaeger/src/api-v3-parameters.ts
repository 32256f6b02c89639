import type { Nanos, UnixNano } from '@spanwise/model';
import { parseGoDuration } from './go-duration.ts';
import type { Parsed } from './logfmt.ts';
import { ParameterError, parsing } from './parsing.ts';
import { parseRfc3339 } from './rfc3339.ts';
import { defaultLimit, type JaegerConditions, parseTextRecord } from './search-parameters.ts';
import { checkFilterIsAlone, parseStructuredFilter } from './structured-filter.ts';

/**
 * Parses the query of `GET /api/v3/traces` and `/api/v3/trace-summaries`. Where both spellings of a parameter are
 * given, camelCase counts. `rawTraces` is checked and does nothing: reads adjust nothing.
 *
 * | parameter                                 | was               | form                              |
 * | ----------------------------------------- | ----------------- | --------------------------------- |
 * | query.startTimeMin, query.startTimeMax    | start_time_min …  | RFC 3339, required                |
 * | query.serviceName, query.operationName    | service_name …    | text                              |
 * | query.attributes                          |                   | JSON object, values are strings   |
 * | query.durationMin, query.durationMax      | duration_min …    | Go duration, zero is none         |
 * | query.searchDepth                         | search_depth, num_traces | integer above 0, default 100 |
 * | query.rawTraces                           | raw_traces        | truth value                       |
 * | query.filter                              |                   | structured filter, instead of the other conditions |
 *
 * Errors: a message that names the parameter.
 * Source: jaegertracing/jaeger, jaegerquery/internal/apiv3/query_parser.go, commit 8498073f.
 */
export function parseApiV3Search(query: URLSearchParams): Parsed<JaegerConditions> {
  return parsing(() => readSearch(query));
}

/** Parses `startTime`, `endTime` and `rawTraces` of `GET /api/v3/traces/{id}`: hints that we need not follow. */
export function checkApiV3TraceHints(query: URLSearchParams): Parsed<undefined> {
  return parsing(() => {
    readTime(query, 'startTime', 'start_time');
    readTime(query, 'endTime', 'end_time');
    checkTruthValue(query, 'rawTraces', 'raw_traces');
    return undefined;
  });
}

function readSearch(query: URLSearchParams): JaegerConditions {
  const startTimeMin = readTime(query, 'query.startTimeMin', 'query.start_time_min');
  const startTimeMax = readTime(query, 'query.startTimeMax', 'query.start_time_max');
  if (startTimeMin === undefined || startTimeMax === undefined) {
    throw new ParameterError('query.startTimeMin and query.startTimeMax are required');
  }
  if (startTimeMin >= startTimeMax) {
    throw new ParameterError('query.startTimeMin must be before query.startTimeMax');
  }
  const service = find(query, 'query.serviceName', 'query.service_name')?.value;
  const operation = find(query, 'query.operationName', 'query.operation_name')?.value;
  const durationNanosMin = readDuration(query, 'query.durationMin', 'query.duration_min');
  const durationNanosMax = readDuration(query, 'query.durationMax', 'query.duration_max');
  checkTruthValue(query, 'query.rawTraces', 'query.raw_traces');
  const tags = Object.entries(readAttributes(query)).map(([key, value]) => ({ key, value }));
  const filter = find(query, 'query.filter');
  if (filter !== undefined) {
    checkFilterIsAlone([service, operation, durationNanosMin, durationNanosMax, tags[0]]);
    return {
      startTimeMin,
      startTimeMax,
      limit: readSearchDepth(query),
      tags,
      filter: parseStructuredFilter(filter.value, filter.name),
    };
  }
  return {
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation }),
    ...(durationNanosMin === undefined ? {} : { durationNanosMin }),
    ...(durationNanosMax === undefined ? {} : { durationNanosMax }),
    startTimeMin,
    startTimeMax,
    limit: readSearchDepth(query),
    tags,
  };
}

interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** The first of `names` that has a value. */
function find(query: URLSearchParams, ...names: readonly string[]): Parameter | undefined {
  for (const name of names) {
    const value = query.get(name);
    if (value) return { name, value };
  }
  return undefined;
}

function malformed({ name, value }: Parameter, expected: string): ParameterError {
  return new ParameterError(`malformed parameter ${name}: ${expected}: ${JSON.stringify(value)}`);
}

function readTime(query: URLSearchParams, ...names: readonly string[]): UnixNano | undefined {
  const parameter = find(query, ...names);
  if (parameter === undefined) return undefined;
  const time = parseRfc3339(parameter.value);
  if (time === undefined) throw malformed(parameter, 'not a time like 2026-11-23T02:11:39.123456789Z');
  return time;
}

function readDuration(query: URLSearchParams, ...names: readonly string[]): Nanos | undefined {
  const parameter = find(query, ...names);
  if (parameter === undefined) return undefined;
  const nanos = parseGoDuration(parameter.value);
  if (nanos === undefined) throw malformed(parameter, 'not a duration like 1.5s or 100ms');
  return nanos === 0 ? undefined : nanos;
}

function readSearchDepth(query: URLSearchParams): number {
  const parameter = find(query, 'query.searchDepth', 'query.search_depth', 'query.num_traces');
  if (parameter === undefined) return defaultLimit;
  const depth = /^\+?\d{1,9}$/.test(parameter.value) ? Number(parameter.value) : 0;
  if (depth === 0) throw malformed(parameter, 'not an integer between 1 and 999999999');
  return depth;
}

function readAttributes(query: URLSearchParams): Record<string, string> {
  const parameter = find(query, 'query.attributes');
  if (parameter === undefined) return {};
  const attributes = parseTextRecord(parameter.value);
  if (typeof attributes === 'string') throw malformed(parameter, attributes);
  return attributes;
}

/** What Go takes for one. (strconv.ParseBool.) */
function checkTruthValue(query: URLSearchParams, ...names: readonly string[]): void {
  const parameter = find(query, ...names);
  if (parameter !== undefined && !/^([tTfF01]|true|True|TRUE|false|False|FALSE)$/.test(parameter.value)) {
    throw malformed(parameter, 'not true or false');
  }
}
