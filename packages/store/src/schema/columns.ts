/**
 * The columns of the base rows, in the order in which a RowBinary row holds them. The row encoder, the DDL and
 * the structure that stands beside every spool segment come from these two lists.
 *
 * RowBinary is positional: a row read with another list gives wrong columns without an error. Whoever changes a
 * list raises `schemaVersion` and writes a migration.
 */
export const schemaVersion = 2;

/** Name and ClickHouse type. */
export type Column = readonly [name: string, type: string];

/**
 * Attributes where no search needs numbers: key, AttributeType code, value as text. int in decimal; double as
 * JavaScript prints it, with `-0`, `NaN`, `Infinity`, `-Infinity`; bool as `true`/`false`; bytes in base64; array
 * and map in the tagged JSON of `nested-value.ts`.
 */
const attributeList = 'Array(Tuple(LowCardinality(String), UInt8, String))';

/**
 * Values that don't stand in the row itself: place (see `payloadPlaces`), position of the event or link, key,
 * AttributeType code, value as text. They go to a table of their own, in one row per span or record that has some.
 */
const payload: Column = ['payload', 'Array(Tuple(UInt8, UInt32, LowCardinality(String), UInt8, String))'];

/** First in every base row: `patchRow` writes them when the row's place in the spool is known. */
const identity: readonly Column[] = [
  ['ingest_seq', 'UInt64'],
  ['row', 'UInt32'],
  ['tenant', 'UInt32'],
];

const producer: readonly Column[] = [
  ['service', 'LowCardinality(String)'],
  ['resource_attributes', attributeList],
  ['resource_schema_url', 'LowCardinality(String)'],
  ['resource_dropped_attributes', 'UInt32'],
  ['scope_name', 'LowCardinality(String)'],
  ['scope_version', 'LowCardinality(String)'],
  ['scope_attributes', attributeList],
  ['scope_schema_url', 'LowCardinality(String)'],
  ['scope_dropped_attributes', 'UInt32'],
];

/** Typed maps: equality and comparison on a span's own attributes need no parsing. */
const attributes: readonly Column[] = [
  ['attributes_string', 'Map(LowCardinality(String), String)'],
  ['attributes_int', 'Map(LowCardinality(String), Int64)'],
  ['attributes_double', 'Map(LowCardinality(String), Float64)'],
  ['attributes_bool', 'Map(LowCardinality(String), Bool)'],
  ['attributes_other', attributeList],
  ['dropped_attributes', 'UInt32'],
];

/** What the normaliser made of many dialects. Counts and times: -1 is unknown, never 0. */
const agentColumns: readonly Column[] = [
  ['dialect', 'LowCardinality(String)'],
  ['operation', 'LowCardinality(String)'],
  ['provider', 'LowCardinality(String)'],
  ['request_model', 'LowCardinality(String)'],
  ['response_model', 'LowCardinality(String)'],
  ['agent', 'LowCardinality(String)'],
  ['tool', 'LowCardinality(String)'],
  ['conversation', 'String'],
  ['input_tokens', 'Int64'],
  ['output_tokens', 'Int64'],
  ['cache_read_tokens', 'Int64'],
  ['cache_write_tokens', 'Int64'],
  ['reasoning_tokens', 'Int64'],
  ['first_chunk_nanos', 'Int64'],
  /** NaN while `cost_state` is 0. */
  ['cost', 'Float64'],
  /** 0 unknown, 1 reported by the provider or sender, 2 computed from a price. */
  ['cost_state', 'UInt8'],
];

export const spanColumns: readonly Column[] = [
  ...identity,
  ['trace_id', 'FixedString(16)'],
  ['span_id', 'FixedString(8)'],
  /** All zeros: none. */
  ['parent_span_id', 'FixedString(8)'],
  ['trace_state', 'String'],
  ['flags', 'UInt32'],
  ['name', 'LowCardinality(String)'],
  ['kind', 'UInt8'],
  /** In RowBinary: Int64 nanoseconds since the epoch. */
  ['start_time', "DateTime64(9, 'UTC')"],
  ['duration', 'UInt64'],
  ['status_code', 'UInt8'],
  ['status_message', 'String'],
  ...producer,
  ...attributes,
  /** time, name, attributes, dropped attributes. */
  ['events', `Array(Tuple(DateTime64(9, 'UTC'), LowCardinality(String), ${attributeList}, UInt32))`],
  ['dropped_events', 'UInt32'],
  /** trace id, span id, trace state, flags, attributes, dropped attributes. */
  ['links', `Array(Tuple(FixedString(16), FixedString(8), String, UInt32, ${attributeList}, UInt32))`],
  ['dropped_links', 'UInt32'],
  ...agentColumns,
  /** How many spans this one stands for (`ot=th` in the trace state); 1 when not sampled. */
  ['adjusted_count', 'Float64'],
  ['warnings', 'Array(LowCardinality(String))'],
  payload,
];

export const logColumns: readonly Column[] = [
  ...identity,
  ['time', "DateTime64(9, 'UTC')"],
  ['observed_time', "DateTime64(9, 'UTC')"],
  /** All zeros: none. */
  ['trace_id', 'FixedString(16)'],
  ['span_id', 'FixedString(8)'],
  ['flags', 'UInt32'],
  ['severity_number', 'UInt8'],
  ['severity_text', 'LowCardinality(String)'],
  ['event_name', 'LowCardinality(String)'],
  /** AttributeType code of the body, and the body as text (see `attributeList`). */
  ['body_type', 'UInt8'],
  ['body', 'String'],
  ...producer,
  ...attributes,
  ['adjusted_count', 'Float64'],
  ['warnings', 'Array(LowCardinality(String))'],
  payload,
];

/** The columns of `spans` and `logs`: of what stands elsewhere, only how much it is. */
export function storedColumns(signal: Signal): readonly Column[] {
  return [...columnsOf[signal].filter((column) => column !== payload), ['payload_count', 'UInt32']];
}

export type Signal = 'spans' | 'logs';

export const columnsOf: Readonly<Record<Signal, readonly Column[]>> = {
  spans: spanColumns,
  logs: logColumns,
};

/** The structure argument of ClickHouse's `file(path, RowBinary, structure)`. */
export function structureOf(signal: Signal): string {
  return columnsOf[signal].map(([name, type]) => `${name} ${type}`).join(', ');
}
