import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

const settings = (granularity: number) => `SETTINGS
  index_granularity = ${granularity},
  default_compression_codec = 'ZSTD(1)',
  -- What an insert has acknowledged survives a power cut.
  fsync_after_insert = 1,
  fsync_part_directory = 1,
  -- How many insert tokens of the past are remembered, so that a repeated segment is recognised.
  non_replicated_deduplication_window = 1000`;

/**
 * Sorted by trace: a trace by id is one short read, and ids compress to almost nothing. Small granules, because
 * that read is what people wait for.
 */
const spans = `CREATE TABLE IF NOT EXISTS ${database}.spans (
  ingest_seq UInt64 CODEC(Delta, ZSTD(1)),
  row UInt32 CODEC(Delta, ZSTD(1)),
  tenant UInt32,
  trace_id FixedString(16),
  span_id FixedString(8),
  parent_span_id FixedString(8),
  trace_state String,
  flags UInt32,
  name LowCardinality(String),
  kind UInt8,
  start_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  duration UInt64 CODEC(T64, ZSTD(1)),
  status_code UInt8,
  status_message String,
  service LowCardinality(String),
  resource_attributes Array(Tuple(LowCardinality(String), UInt8, String)),
  resource_schema_url LowCardinality(String),
  resource_dropped_attributes UInt32,
  scope_name LowCardinality(String),
  scope_version LowCardinality(String),
  scope_attributes Array(Tuple(LowCardinality(String), UInt8, String)),
  scope_schema_url LowCardinality(String),
  scope_dropped_attributes UInt32,
  attributes_string Map(LowCardinality(String), String),
  attributes_int Map(LowCardinality(String), Int64),
  attributes_double Map(LowCardinality(String), Float64),
  attributes_bool Map(LowCardinality(String), Bool),
  attributes_other Array(Tuple(LowCardinality(String), UInt8, String)),
  dropped_attributes UInt32,
  events Array(Tuple(DateTime64(9, 'UTC'), LowCardinality(String), Array(Tuple(LowCardinality(String), UInt8, String)), UInt32)),
  dropped_events UInt32,
  links Array(Tuple(FixedString(16), FixedString(8), String, UInt32, Array(Tuple(LowCardinality(String), UInt8, String)), UInt32)),
  dropped_links UInt32,
  dialect LowCardinality(String),
  operation LowCardinality(String),
  provider LowCardinality(String),
  request_model LowCardinality(String),
  response_model LowCardinality(String),
  agent LowCardinality(String),
  tool LowCardinality(String),
  conversation String,
  input_tokens Int64,
  output_tokens Int64,
  cache_read_tokens Int64,
  cache_write_tokens Int64,
  reasoning_tokens Int64,
  first_chunk_nanos Int64,
  cost Float64,
  cost_state UInt8,
  adjusted_count Float64,
  warnings Array(LowCardinality(String)),
  INDEX ingest_seq_range ingest_seq TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(start_time)
ORDER BY (tenant, trace_id, start_time)
${settings(1_024)}`;

/** What lists, histograms and percentiles read. Time first: newest-first reads stop early. */
const spanSearch = `CREATE TABLE IF NOT EXISTS ${database}.span_search (
  ingest_seq UInt64 CODEC(Delta, ZSTD(1)),
  row UInt32 CODEC(Delta, ZSTD(1)),
  tenant UInt32,
  trace_id FixedString(16),
  span_id FixedString(8),
  name LowCardinality(String),
  kind UInt8,
  start_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  duration UInt64 CODEC(T64, ZSTD(1)),
  status_code UInt8,
  service LowCardinality(String),
  operation LowCardinality(String),
  request_model LowCardinality(String),
  response_model LowCardinality(String),
  input_tokens Int64,
  output_tokens Int64,
  adjusted_count Float64,
  is_root Bool,
  INDEX ingest_seq_range ingest_seq TYPE minmax GRANULARITY 1,
  INDEX duration_range duration TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(start_time)
ORDER BY (tenant, toStartOfFiveMinutes(start_time), service, name, start_time)
${settings(8_192)}`;

/** One row per day and operation. What is inserted twice collapses, so it needs no proof. */
const operations = `CREATE TABLE IF NOT EXISTS ${database}.operations (
  tenant UInt32,
  day Date,
  service LowCardinality(String),
  name LowCardinality(String),
  kind UInt8
) ENGINE = ReplacingMergeTree
PARTITION BY day
ORDER BY (tenant, service, name, kind)`;

/** When each service was first heard of: its place in the catalogue, which must outlive the spans. */
const services = `CREATE TABLE IF NOT EXISTS ${database}.services (
  tenant UInt32,
  service LowCardinality(String),
  first_seq SimpleAggregateFunction(min, UInt64)
) ENGINE = AggregatingMergeTree
ORDER BY (tenant, service)`;

const logs = `CREATE TABLE IF NOT EXISTS ${database}.logs (
  ingest_seq UInt64 CODEC(Delta, ZSTD(1)),
  row UInt32 CODEC(Delta, ZSTD(1)),
  tenant UInt32,
  time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  observed_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  trace_id FixedString(16),
  span_id FixedString(8),
  flags UInt32,
  severity_number UInt8,
  severity_text LowCardinality(String),
  event_name LowCardinality(String),
  body_type UInt8,
  body String,
  service LowCardinality(String),
  resource_attributes Array(Tuple(LowCardinality(String), UInt8, String)),
  resource_schema_url LowCardinality(String),
  resource_dropped_attributes UInt32,
  scope_name LowCardinality(String),
  scope_version LowCardinality(String),
  scope_attributes Array(Tuple(LowCardinality(String), UInt8, String)),
  scope_schema_url LowCardinality(String),
  scope_dropped_attributes UInt32,
  attributes_string Map(LowCardinality(String), String),
  attributes_int Map(LowCardinality(String), Int64),
  attributes_double Map(LowCardinality(String), Float64),
  attributes_bool Map(LowCardinality(String), Bool),
  attributes_other Array(Tuple(LowCardinality(String), UInt8, String)),
  dropped_attributes UInt32,
  adjusted_count Float64,
  warnings Array(LowCardinality(String)),
  INDEX ingest_seq_range ingest_seq TYPE minmax GRANULARITY 1,
  INDEX trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY (tenant, time)
${settings(1_024)}`;

/** Inserts go here; the views hand every block on to all tables of the signal. */
const spansIn = `CREATE TABLE IF NOT EXISTS ${database}.spans_in (
  ingest_seq UInt64,
  row UInt32,
  tenant UInt32,
  trace_id FixedString(16),
  span_id FixedString(8),
  parent_span_id FixedString(8),
  trace_state String,
  flags UInt32,
  name LowCardinality(String),
  kind UInt8,
  start_time DateTime64(9, 'UTC'),
  duration UInt64,
  status_code UInt8,
  status_message String,
  service LowCardinality(String),
  resource_attributes Array(Tuple(LowCardinality(String), UInt8, String)),
  resource_schema_url LowCardinality(String),
  resource_dropped_attributes UInt32,
  scope_name LowCardinality(String),
  scope_version LowCardinality(String),
  scope_attributes Array(Tuple(LowCardinality(String), UInt8, String)),
  scope_schema_url LowCardinality(String),
  scope_dropped_attributes UInt32,
  attributes_string Map(LowCardinality(String), String),
  attributes_int Map(LowCardinality(String), Int64),
  attributes_double Map(LowCardinality(String), Float64),
  attributes_bool Map(LowCardinality(String), Bool),
  attributes_other Array(Tuple(LowCardinality(String), UInt8, String)),
  dropped_attributes UInt32,
  events Array(Tuple(DateTime64(9, 'UTC'), LowCardinality(String), Array(Tuple(LowCardinality(String), UInt8, String)), UInt32)),
  dropped_events UInt32,
  links Array(Tuple(FixedString(16), FixedString(8), String, UInt32, Array(Tuple(LowCardinality(String), UInt8, String)), UInt32)),
  dropped_links UInt32,
  dialect LowCardinality(String),
  operation LowCardinality(String),
  provider LowCardinality(String),
  request_model LowCardinality(String),
  response_model LowCardinality(String),
  agent LowCardinality(String),
  tool LowCardinality(String),
  conversation String,
  input_tokens Int64,
  output_tokens Int64,
  cache_read_tokens Int64,
  cache_write_tokens Int64,
  reasoning_tokens Int64,
  first_chunk_nanos Int64,
  cost Float64,
  cost_state UInt8,
  adjusted_count Float64,
  warnings Array(LowCardinality(String))
) ENGINE = Null`;

const logsIn = `CREATE TABLE IF NOT EXISTS ${database}.logs_in (
  ingest_seq UInt64,
  row UInt32,
  tenant UInt32,
  time DateTime64(9, 'UTC'),
  observed_time DateTime64(9, 'UTC'),
  trace_id FixedString(16),
  span_id FixedString(8),
  flags UInt32,
  severity_number UInt8,
  severity_text LowCardinality(String),
  event_name LowCardinality(String),
  body_type UInt8,
  body String,
  service LowCardinality(String),
  resource_attributes Array(Tuple(LowCardinality(String), UInt8, String)),
  resource_schema_url LowCardinality(String),
  resource_dropped_attributes UInt32,
  scope_name LowCardinality(String),
  scope_version LowCardinality(String),
  scope_attributes Array(Tuple(LowCardinality(String), UInt8, String)),
  scope_schema_url LowCardinality(String),
  scope_dropped_attributes UInt32,
  attributes_string Map(LowCardinality(String), String),
  attributes_int Map(LowCardinality(String), Int64),
  attributes_double Map(LowCardinality(String), Float64),
  attributes_bool Map(LowCardinality(String), Bool),
  attributes_other Array(Tuple(LowCardinality(String), UInt8, String)),
  dropped_attributes UInt32,
  adjusted_count Float64,
  warnings Array(LowCardinality(String))
) ENGINE = Null`;

/*
 * What the views select stands here in full: `selectFor` goes on with the schema, a step never changes.
 */
export const spanNames =
  'ingest_seq, row, tenant, trace_id, span_id, parent_span_id, trace_state, flags, name, kind, start_time, ' +
  'duration, status_code, status_message, service, resource_attributes, resource_schema_url, ' +
  'resource_dropped_attributes, scope_name, scope_version, scope_attributes, scope_schema_url, ' +
  'scope_dropped_attributes, attributes_string, attributes_int, attributes_double, attributes_bool, ' +
  'attributes_other, dropped_attributes, events, dropped_events, links, dropped_links, dialect, operation, ' +
  'provider, request_model, response_model, agent, tool, conversation, input_tokens, output_tokens, ' +
  'cache_read_tokens, cache_write_tokens, reasoning_tokens, first_chunk_nanos, cost, cost_state, ' +
  'adjusted_count, warnings';

const searchNames =
  'ingest_seq, row, tenant, trace_id, span_id, name, kind, start_time, duration, status_code, service, ' +
  'operation, request_model, response_model, input_tokens, output_tokens, adjusted_count';

export const logNames =
  'ingest_seq, row, tenant, time, observed_time, trace_id, span_id, flags, severity_number, severity_text, ' +
  'event_name, body_type, body, service, resource_attributes, resource_schema_url, ' +
  'resource_dropped_attributes, scope_name, scope_version, scope_attributes, scope_schema_url, ' +
  'scope_dropped_attributes, attributes_string, attributes_int, attributes_double, attributes_bool, ' +
  'attributes_other, dropped_attributes, adjusted_count, warnings';

const view = (table: string, select: string) =>
  `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.fill_${table} TO ${database}.${table}
AS ${select}`;

export const firstTables: Migration = {
  id: 1,
  name: 'spans, search, operations and logs',
  statements: [
    spans,
    spanSearch,
    operations,
    services,
    logs,
    spansIn,
    logsIn,
    view('spans', `SELECT ${spanNames} FROM ${database}.spans_in`),
    view(
      'span_search',
      `SELECT ${searchNames}, parent_span_id = toFixedString('', 8) AS is_root FROM ${database}.spans_in`,
    ),
    view(
      'operations',
      `SELECT DISTINCT tenant, toDate(start_time) AS day, service, name, kind FROM ${database}.spans_in`,
    ),
    view(
      'services',
      `SELECT tenant, service, min(ingest_seq) AS first_seq FROM ${database}.spans_in GROUP BY tenant, service`,
    ),
    view('logs', `SELECT ${logNames} FROM ${database}.logs_in`),
  ],
};
