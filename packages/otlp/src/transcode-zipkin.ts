import { asObject, asText, each, type JsonObject, parseJson, present, wrongType } from './json-values.ts';
import { OtlpError } from './otlp-error.ts';
import { encodeJsonRequest } from './transcode-json.ts';

/** Of values in annotations: recursion has to end before the stack does. */
const maxDepth = 100;

/** As in OTLP JSON, of what is written here. */
interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Scope {
  name?: string;
  version?: string;
}

/** SpanKind of OTLP; a span without kind is internal. */
const kinds: ReadonlyMap<string, number> = new Map([
  ['SERVER', 2],
  ['CLIENT', 3],
  ['PRODUCER', 4],
  ['CONSUMER', 5],
]);

const statusCodes: ReadonlyMap<string, number> = new Map([
  ['OK', 1],
  ['ERROR', 2],
]);

/** Tags that stand for a field of the scope. The second names are those before specification 1.11. */
const scopeFields: ReadonlyMap<string, 'name' | 'version'> = new Map([
  ['otel.scope.name', 'name'],
  ['otel.scope.version', 'version'],
  ['otel.library.name', 'name'],
  ['otel.library.version', 'version'],
]);

/** Tags that stand for a count of the span. (OpenTelemetry, Mapping to non-OTLP formats.) */
const countFields: ReadonlyMap<string, string> = new Map([
  ['otel.dropped_attributes_count', 'droppedAttributesCount'],
  ['otel.dropped_events_count', 'droppedEventsCount'],
  ['otel.dropped_links_count', 'droppedLinksCount'],
]);

/**
 * A list of Zipkin v2 spans as an OTLP trace request: "OpenTelemetry to Zipkin Transformation" and "Mapping to
 * non-OTLP formats" of the specification, read backwards. Costs an object tree per request, like OTLP JSON.
 *
 * A server span that shares its client's id keeps it: data is not changed, and readers know duplicate ids.
 * Errors: `OtlpError` for anything but a list of Zipkin v2 spans. Bad ids and times are the decoder's to reject.
 */
export function transcodeZipkinRequest(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const spans = parseJson(body);
  if (!Array.isArray(spans)) throw new OtlpError('a list of spans is expected');
  const groups = new Map<string, { service: string; scope: Scope; spans: JsonObject[] }>();
  for (const item of spans as readonly unknown[]) {
    const zipkinSpan = asObject(item, 'span');
    const { binaryAnnotations } = zipkinSpan;
    if (present(binaryAnnotations)) {
      throw new OtlpError('these are Zipkin v1 spans; send v2 to /api/v2/spans');
    }
    const service = textOf(endpointOf(zipkinSpan, 'localEndpoint'), 'serviceName');
    const { span, scope } = mapSpan(zipkinSpan);
    const key = JSON.stringify([service, scope.name, scope.version]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { service, scope, spans: [span] });
    else group.spans.push(span);
  }
  return encodeJsonRequest('spans', {
    resourceSpans: Array.from(groups.values(), (group) => ({
      resource: { attributes: group.service === '' ? [] : [text('service.name', group.service)] },
      scopeSpans: [{ scope: group.scope, spans: group.spans }],
    })),
  });
}

function mapSpan(zipkinSpan: JsonObject): { readonly span: JsonObject; readonly scope: Scope } {
  const attributes: KeyValue[] = [];
  const scope: Scope = {};
  const counts: Record<string, number> = {};
  const tags = tagsOf(zipkinSpan);
  const error = tags.get('error');
  const namedStatus = statusCodes.get(tags.get('otel.status_code')?.toUpperCase() ?? '');
  // Without a named status, the error tag says it; "false" is what OpenTracing's users wrote.
  const code = namedStatus ?? (error === undefined || error === 'false' ? 0 : 2);
  for (const [key, value] of tags) {
    const scopeField = scopeFields.get(key);
    const count = countFields.get(key);
    if (scopeField !== undefined) scope[scopeField] ??= value;
    else if (count !== undefined && /^\d{1,9}$/.test(value)) counts[count] = Number(value);
    else if (key === 'otel.status_code' && namedStatus !== undefined) continue;
    else if (key === 'error' && code === 2) continue;
    else attributes.push(text(key, value));
  }
  addEndpoint(attributes, 'network.local', endpointOf(zipkinSpan, 'localEndpoint'));
  const remote = endpointOf(zipkinSpan, 'remoteEndpoint');
  const peer = textOf(remote, 'serviceName');
  if (peer !== '' && !tags.has('peer.service')) attributes.push(text('peer.service', peer));
  addEndpoint(attributes, 'network.peer', remote);
  const events = mapAnnotations(zipkinSpan);
  // A server span that shares its id may come without times: what happened in it tells when it was.
  const start = microsOf(zipkinSpan, 'timestamp') ?? earliest(events) ?? 0n;
  const end = start + (microsOf(zipkinSpan, 'duration') ?? 0n);
  const span = {
    traceId: padded(zipkinSpan, 'traceId', 32),
    spanId: padded(zipkinSpan, 'id', 16),
    parentSpanId: padded(zipkinSpan, 'parentId', 16),
    name: textOf(zipkinSpan, 'name'),
    kind: kinds.get(textOf(zipkinSpan, 'kind').toUpperCase()) ?? 1,
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    attributes,
    events,
    status: { code, message: code === 2 && error !== undefined && error !== 'true' ? error : '' },
    ...counts,
  };
  return { span, scope };
}

/** `timestamp` and `value`; a value that an OpenTelemetry exporter wrote is `"name": {attributes}`. */
function mapAnnotations(zipkinSpan: JsonObject) {
  const events: { timeUnixNano: bigint; name: string; attributes: KeyValue[] }[] = [];
  each(zipkinSpan, 'annotations', (annotation) => {
    const value = textOf(annotation, 'value');
    const timeUnixNano = microsOf(annotation, 'timestamp') ?? 0n;
    events.push({ timeUnixNano, ...(eventWithAttributes(value) ?? { name: value, attributes: [] }) });
  });
  return events;
}

/** Absence: undefined for what is no name with an object. */
function eventWithAttributes(value: string): { name: string; attributes: KeyValue[] } | undefined {
  if (!value.startsWith('"') || !value.endsWith('}')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(`{${value}}`);
  } catch {
    return undefined;
  }
  const [entry, ...more] = Object.entries(parsed as JsonObject);
  if (entry === undefined || more.length > 0) return undefined;
  const [name, fields] = entry;
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined;
  return { name, attributes: keyValues(fields as JsonObject, maxDepth) };
}

/** A JSON value as an AnyValue; empty below `depth` levels. */
function anyValue(value: unknown, depth: number): Readonly<Record<string, unknown>> {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value };
    default:
      if (value === null || depth === 0) return {};
      return Array.isArray(value)
        ? { arrayValue: { values: value.map((item) => anyValue(item, depth - 1)) } }
        : { kvlistValue: { values: keyValues(value as JsonObject, depth - 1) } };
  }
}

function keyValues(fields: JsonObject, depth: number): KeyValue[] {
  return Object.entries(fields).map(([key, value]) => ({ key, value: anyValue(value, depth) }));
}

function addEndpoint(attributes: KeyValue[], prefix: string, endpoint: JsonObject): void {
  const address = textOf(endpoint, 'ipv4') || textOf(endpoint, 'ipv6');
  if (address !== '') attributes.push(text(`${prefix}.address`, address));
  const { port } = endpoint;
  if (!present(port) || port === 0) return;
  if (typeof port !== 'number' || !Number.isInteger(port)) throw wrongType('port');
  attributes.push({ key: `${prefix}.port`, value: { intValue: port } });
}

function endpointOf(zipkinSpan: JsonObject, name: string): JsonObject {
  const endpoint = zipkinSpan[name];
  return present(endpoint) ? asObject(endpoint, name) : {};
}

function tagsOf({ tags }: JsonObject): ReadonlyMap<string, string> {
  const entries = present(tags) ? Object.entries(asObject(tags, 'tags')) : [];
  return new Map(entries.map(([key, tag]) => [key, asText(tag, 'tags')]));
}

/** Absence: empty. */
function textOf(owner: JsonObject, name: string): string {
  const value = owner[name];
  return present(value) ? asText(value, name) : '';
}

/** Microseconds, as nanoseconds. Zero is Zipkin's way of saying that there is none. */
function microsOf(owner: JsonObject, name: string): bigint | undefined {
  const value = owner[name];
  if (!present(value) || value === 0) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrongType(name);
  return BigInt(value) * 1_000n;
}

function earliest(events: readonly { readonly timeUnixNano: bigint }[]): bigint | undefined {
  return events.reduce<bigint | undefined>(
    (least, { timeUnixNano }) => (least === undefined || timeUnixNano < least ? timeUnixNano : least),
    undefined,
  );
}

/** Ids of 64 bits are 128-bit ids with zeros in front; what is no id stays what it is. */
function padded(zipkinSpan: JsonObject, name: string, digits: number): string {
  const id = textOf(zipkinSpan, name);
  return id === '' ? id : id.padStart(digits, '0');
}

function text(key: string, value: string): KeyValue {
  return { key, value: { stringValue: value } };
}
