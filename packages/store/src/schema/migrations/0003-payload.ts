import { database } from '../tables.ts';
import { logNames, spanNames } from './0001-first-tables.ts';
import type { Migration } from './migration.ts';

const payload = 'Array(Tuple(UInt8, UInt32, LowCardinality(String), UInt8, String))';

/**
 * Large rows that are read one by one and searched by nothing, so granules are small and the codec is strong.
 */
const engine = (day: string, order: string) => `ENGINE = MergeTree
PARTITION BY toDate(${day})
ORDER BY (${order})
SETTINGS
  index_granularity = 256,
  default_compression_codec = 'ZSTD(3)',
  fsync_after_insert = 1,
  fsync_part_directory = 1,
  non_replicated_deduplication_window = 1000`;

const spanPayload = `CREATE TABLE IF NOT EXISTS ${database}.span_payload (
  ingest_seq UInt64 CODEC(Delta, ZSTD(1)),
  row UInt32 CODEC(Delta, ZSTD(1)),
  tenant UInt32,
  trace_id FixedString(16),
  span_id FixedString(8),
  start_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  payload ${payload},
  INDEX ingest_seq_range ingest_seq TYPE minmax GRANULARITY 1
) ${engine('start_time', 'tenant, trace_id, span_id')}`;

const logPayload = `CREATE TABLE IF NOT EXISTS ${database}.log_payload (
  ingest_seq UInt64 CODEC(Delta, ZSTD(1)),
  row UInt32 CODEC(Delta, ZSTD(1)),
  tenant UInt32,
  trace_id FixedString(16),
  time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  payload ${payload},
  INDEX ingest_seq_range ingest_seq TYPE minmax GRANULARITY 1
) ${engine('time', 'tenant, trace_id, time')}`;

const view = (table: string, select: string) =>
  `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.fill_${table} TO ${database}.${table}
AS ${select}`;

const counted = 'toUInt32(length(payload)) AS payload_count';
const having = (source: string) => `(SELECT * FROM ${database}.${source} WHERE notEmpty(payload))`;

/** Values that don't belong into rows that everybody reads: large ones, and content where it is kept at all. */
export const payloadTables: Migration = {
  id: 3,
  name: 'values kept apart from their rows',
  statements: [
    `ALTER TABLE ${database}.spans ADD COLUMN IF NOT EXISTS payload_count UInt32`,
    `ALTER TABLE ${database}.logs ADD COLUMN IF NOT EXISTS payload_count UInt32`,
    `ALTER TABLE ${database}.spans_in ADD COLUMN IF NOT EXISTS payload ${payload}`,
    `ALTER TABLE ${database}.logs_in ADD COLUMN IF NOT EXISTS payload ${payload}`,
    spanPayload,
    logPayload,
    `DROP VIEW IF EXISTS ${database}.fill_spans`,
    `DROP VIEW IF EXISTS ${database}.fill_logs`,
    view('spans', `SELECT ${spanNames}, ${counted} FROM ${database}.spans_in`),
    view('logs', `SELECT ${logNames}, ${counted} FROM ${database}.logs_in`),
    view(
      'span_payload',
      `SELECT ingest_seq, row, tenant, trace_id, span_id, start_time, payload FROM ${having('spans_in')}`,
    ),
    view('log_payload', `SELECT ingest_seq, row, tenant, trace_id, time, payload FROM ${having('logs_in')}`),
  ],
};
