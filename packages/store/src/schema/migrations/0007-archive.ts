import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

const attributeList = 'Array(Tuple(LowCardinality(String), UInt8, String))';

/**
 * Traces that somebody asked to keep. Retention does not know these tables, so they have no days to drop. What is
 * archived twice collapses.
 */
const engine = (order: string) => `ENGINE = ReplacingMergeTree
ORDER BY (${order})
SETTINGS
  index_granularity = 1024,
  default_compression_codec = 'ZSTD(3)',
  fsync_after_insert = 1,
  fsync_part_directory = 1`;

/** The columns of `spans`, which a later step that adds one there adds here too; a test compares them. */
const archivedSpans = `CREATE TABLE IF NOT EXISTS ${database}.archived_spans (
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
  resource_attributes ${attributeList},
  resource_schema_url LowCardinality(String),
  resource_dropped_attributes UInt32,
  scope_name LowCardinality(String),
  scope_version LowCardinality(String),
  scope_attributes ${attributeList},
  scope_schema_url LowCardinality(String),
  scope_dropped_attributes UInt32,
  attributes_string Map(LowCardinality(String), String),
  attributes_int Map(LowCardinality(String), Int64),
  attributes_double Map(LowCardinality(String), Float64),
  attributes_bool Map(LowCardinality(String), Bool),
  attributes_other ${attributeList},
  dropped_attributes UInt32,
  events Array(Tuple(DateTime64(9, 'UTC'), LowCardinality(String), ${attributeList}, UInt32)),
  dropped_events UInt32,
  links Array(Tuple(FixedString(16), FixedString(8), String, UInt32, ${attributeList}, UInt32)),
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
  payload_count UInt32
) ${engine('tenant, trace_id, start_time, ingest_seq, row')}`;

const archivedPayload = `CREATE TABLE IF NOT EXISTS ${database}.archived_payload (
  ingest_seq UInt64 CODEC(Delta, ZSTD(1)),
  row UInt32 CODEC(Delta, ZSTD(1)),
  tenant UInt32,
  trace_id FixedString(16),
  span_id FixedString(8),
  start_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  payload Array(Tuple(UInt8, UInt32, LowCardinality(String), UInt8, String))
) ${engine('tenant, trace_id, start_time, ingest_seq, row')}`;

export const archive: Migration = {
  id: 7,
  name: 'traces kept for ever',
  statements: [archivedSpans, archivedPayload],
};
