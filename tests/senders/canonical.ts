import { oracleLogsRequest, oracleTraceRequest } from '../../packages/otlp/src/testing/otlp-schema.ts';
import type { SentExport } from './relay.ts';

type Json = { readonly [key: string]: Json } | readonly Json[] | string | number | boolean | null;
type Fields = Readonly<Record<string, Json>>;

/** A span or log record with all that was said about who made it. Every field is there; 64-bit integers are text. */
export interface CanonicalItem {
  readonly traceId: string;
  /** What makes it comparable, and stands first in a difference. */
  readonly key: string;
  readonly resource: Json;
  readonly scope: Json;
  readonly item: Json;
}

/**
 * The items of an OTLP request, read by protobufjs and not by us, so that two requests that say the same in another
 * order are equal: by key, attributes by key. Types of values stay apart: `int_value` '1' is not `double_value` 1.
 */
export function canonicalItems({ signal, encoding, body }: SentExport): readonly CanonicalItem[] {
  const type = signal === 'traces' ? oracleTraceRequest : oracleLogsRequest;
  const message =
    encoding === 'protobuf'
      ? type.decode(body)
      : type.fromObject(messageOfJson(JSON.parse(Buffer.from(body).toString()), '') as object);
  const request = type.toObject(message, { defaults: true, longs: String, bytes: String, json: true });
  return list(request.groups)
    .flatMap((group) =>
      list(group.scopes).flatMap((scope) =>
        list(scope.items).map((item) => ({
          traceId: Buffer.from(item.trace_id as string, 'base64').toString('hex'),
          key: `${item.span_id} ${item.time_unix_nano ?? ''} ${JSON.stringify(item.body ?? '')}`,
          resource: sorted([group.resource!, group.schema_url!]),
          scope: sorted([scope.scope!, scope.schema_url!]),
          // An absent status says what an empty one says: unset.
          item: sorted({ ...item, ...('status' in item && { status: item.status ?? unsetStatus }) }),
        })),
      ),
    )
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
}

const unsetStatus: Json = { code: 0, message: '' };
const list = (value: unknown) => value as readonly Fields[];

/** Attributes and maps are sets; what else is repeated has an order. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    const entries = value.map(sorted);
    return entries.every((entry) => isObject(entry) && 'key' in entry)
      ? entries.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
      : entries;
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]));
}

const keyOf = (entry: Json) => (entry as Fields).key as string;
const isObject = (value: Json): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const renamed: Readonly<Record<string, string>> = {
  resource_spans: 'groups',
  resource_logs: 'groups',
  scope_spans: 'scopes',
  scope_logs: 'scopes',
  spans: 'items',
  log_records: 'items',
};

/** OTLP's JSON as protobufjs takes it: ids are hexadecimal there, and names in camel case. */
function messageOfJson(value: Json, name: string): Json {
  if (/^(trace|span|parent_span)_id$/.test(name)) {
    return Buffer.from(value as string, 'hex').toString('base64');
  }
  if (Array.isArray(value)) return value.map((entry) => messageOfJson(entry, name));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const field = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [renamed[field] ?? field, messageOfJson(inner, field)];
    }),
  );
}
