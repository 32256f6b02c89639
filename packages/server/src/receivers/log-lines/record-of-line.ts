import {
  type AttributeValue,
  type InstrumentationScope,
  isSpanId,
  isTraceId,
  type LogRecord,
  noAttributes,
  type Resource,
  type SpanId,
  type TraceId,
  type UnixNano,
  unixNano,
} from '@spanwise/model';

export interface LineDefaults {
  /** For lines that name no service. */
  readonly service: string;
  /** For lines without a time. */
  readonly receivedAt: UnixNano;
}

/** Under which names programs print what a log record has a place for; the first that fits counts. */
const names = {
  time: ['time', 'timestamp', '@timestamp', 'ts', 't'],
  level: ['level', 'severity', 'severity_text', 'levelname', 'log.level', 'lvl'],
  body: ['msg', 'message', 'body', 'event', 'text'],
  service: ['service.name', 'service', 'serviceName', 'service_name'],
  traceId: ['trace_id', 'traceId', 'trace.id', 'traceid'],
  spanId: ['span_id', 'spanId', 'span.id', 'spanid'],
  flags: ['trace_flags', 'traceFlags'],
} as const;

/** Said by the shape of the line, or of no use. */
const left = new Set(['v']);

/**
 * One printed line as a log record. A JSON object gives its fields; any other text is the body of a record without
 * more. Values keep their JSON types; numbers without a fraction are integers.
 * Absence: undefined for a blank line.
 */
export function recordOfLine(line: string, defaults: LineDefaults): LogRecord | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  const fields = parseObject(text);
  if (fields === undefined) return record(defaults, { body: text });
  const take = <Value>(candidates: readonly string[], read: (value: unknown) => Value | undefined) => {
    for (const name of candidates) {
      const value = read(fields.get(name));
      if (value === undefined) continue;
      fields.delete(name);
      return value;
    }
    return undefined;
  };
  const time = take(names.time, readTime);
  const severity = take(names.level, readSeverity);
  const body = take(names.body, readText);
  const service = take(names.service, readText);
  const traceId = take(names.traceId, readTraceId);
  const spanId = take(names.spanId, readSpanId);
  const flags = take(names.flags, readFlags);
  for (const name of left) fields.delete(name);
  return record(
    { ...defaults, ...(service === undefined ? {} : { service }) },
    {
      body: body ?? '',
      attributes: new Map([...fields].map(([key, value]) => [key, toValue(value)])),
      ...(time === undefined ? {} : { timeUnixNano: time }),
      ...(severity === undefined ? {} : { severityNumber: severity.number, severityText: severity.text }),
      ...(traceId === undefined ? {} : { traceId }),
      ...(spanId === undefined ? {} : { spanId }),
      ...(flags === undefined ? {} : { flags }),
    },
  );
}

function record({ service, receivedAt }: LineDefaults, more: Partial<LogRecord>): LogRecord {
  return {
    timeUnixNano: receivedAt,
    observedTimeUnixNano: receivedAt,
    flags: 0,
    severityNumber: 0,
    severityText: '',
    eventName: '',
    body: '',
    attributes: noAttributes,
    droppedAttributesCount: 0,
    resource: resourceOf(service),
    scope,
    warnings: [],
    ...more,
  };
}

function resourceOf(serviceName: string): Resource {
  return {
    serviceName,
    attributes: new Map([['service.name', serviceName]]),
    schemaUrl: '',
    droppedAttributesCount: 0,
  };
}

const scope: InstrumentationScope = {
  name: '',
  version: '',
  attributes: noAttributes,
  schemaUrl: '',
  droppedAttributesCount: 0,
};

/** A map, so that no key of a stranger meets a prototype. */
function parseObject(text: string): Map<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, unknown>));
  } catch {
    return undefined;
  }
}

/** Text with a time zone or `Z`, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970. */
function readTime(value: unknown): UnixNano | undefined {
  if (typeof value === 'string') {
    if (/^\d+(\.\d+)?$/.test(value)) return readTime(Number(value));
    const millis = Date.parse(value);
    return Number.isNaN(millis) || millis < 0 ? undefined : unixNano(BigInt(millis) * 1_000_000n);
  }
  if (typeof value !== 'number' || !(value > 0)) return undefined;
  // Powers of ten apart: seconds stay below 1e11 until the year 5138.
  const nanosPerUnit = value < 1e11 ? 1e9 : value < 1e14 ? 1e6 : value < 1e17 ? 1e3 : 1;
  const whole = Math.floor(value);
  const nanos = BigInt(whole) * BigInt(nanosPerUnit) + BigInt(Math.round((value - whole) * nanosPerUnit));
  return nanos < 2n ** 63n ? unixNano(nanos) : undefined;
}

/** (logs.proto, SeverityNumber; specification "Mapping of SeverityNumber".) */
const severityNumbers: Readonly<Record<string, number>> = {
  trace: 1,
  verbose: 1,
  debug: 5,
  info: 9,
  information: 9,
  notice: 10,
  warn: 13,
  warning: 13,
  error: 17,
  err: 17,
  critical: 21,
  crit: 21,
  fatal: 21,
  panic: 21,
  alert: 22,
  emerg: 24,
};

/** pino's and bunyan's numbers, from high to low. */
const numberedLevels = [
  [60, 'fatal'],
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [20, 'debug'],
  [10, 'trace'],
] as const;

function readSeverity(value: unknown): { readonly number: number; readonly text: string } | undefined {
  if (typeof value === 'number') {
    const text = numberedLevels.find(([level]) => value >= level)?.[1];
    return text === undefined ? undefined : { number: severityNumbers[text]!, text };
  }
  if (typeof value !== 'string' || value === '') return undefined;
  const name = value.toLowerCase();
  return { number: Object.hasOwn(severityNumbers, name) ? severityNumbers[name]! : 0, text: value };
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function readTraceId(value: unknown): TraceId | undefined {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  return isTraceId(text) ? text : undefined;
}

function readSpanId(value: unknown): SpanId | undefined {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  return isSpanId(text) ? text : undefined;
}

function readFlags(value: unknown): number | undefined {
  return typeof value === 'string' && /^[0-9a-f]{2}$/.test(value) ? Number.parseInt(value, 16) : undefined;
}

function toValue(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'object':
      if (value === null) return undefined;
      if (Array.isArray(value)) return value.map(toValue);
      return new Map(Object.entries(value).map(([key, inner]) => [key, toValue(inner)]));
    default:
      return undefined;
  }
}
