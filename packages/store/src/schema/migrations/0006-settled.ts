import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

/**
 * What only a whole trace tells: a row per trace, made by the settle job and made anew whenever spans came in. The
 * newest row of a trace replaces the others; a trace whose start has moved leaves a row behind that says so.
 */
const traceSummary = `CREATE TABLE IF NOT EXISTS ${database}.trace_summary (
  tenant UInt32,
  start DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  trace_id FixedString(16),
  settled_seq UInt64 CODEC(Delta, ZSTD(1)),
  is_deleted UInt8,
  duration UInt64 CODEC(T64, ZSTD(1)),
  span_count UInt32,
  error_count UInt32,
  orphan_count UInt32,
  has_root Bool,
  root_service LowCardinality(String),
  root_name LowCardinality(String),
  services Array(Tuple(LowCardinality(String), UInt32, UInt32)),
  models Array(LowCardinality(String)),
  model_calls UInt32,
  input_tokens Int64,
  output_tokens Int64,
  adjusted_count Float64,
  calls Array(Tuple(LowCardinality(String), LowCardinality(String), Bool, UInt32, UInt32, Float64, Map(UInt16, UInt32))),
  agent_uses Array(Tuple(LowCardinality(String), LowCardinality(String), UInt32, UInt32, Float64)),
  model_usage Array(Tuple(LowCardinality(String), LowCardinality(String), UInt32, UInt32, Int64, Int64, Float64))
) ENGINE = ReplacingMergeTree(settled_seq, is_deleted)
PARTITION BY toDate(start)
ORDER BY (tenant, start, trace_id)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)',
  fsync_after_insert = 1, fsync_part_directory = 1`;

/** Up to which segment. */
const progress = `CREATE TABLE IF NOT EXISTS ${database}.settle_progress (
  job LowCardinality(String),
  seq SimpleAggregateFunction(max, UInt64)
) ENGINE = AggregatingMergeTree
ORDER BY job
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

/** With the last segment that had spans of the trace: a summary of an earlier one is out of date. */
const times = (source: string) =>
  `SELECT tenant, trace_id, toStartOfMonth(start_time) AS month, min(start_time) AS first, max(start_time) AS last,
        max(ingest_seq) AS last_seq
        FROM ${database}.${source} GROUP BY tenant, trace_id, month`;

export const settled: Migration = {
  id: 6,
  name: 'facts of whole traces',
  statements: [
    traceSummary,
    progress,
    `ALTER TABLE ${database}.trace_times ADD COLUMN IF NOT EXISTS last_seq SimpleAggregateFunction(max, UInt64)`,
    `DROP VIEW IF EXISTS ${database}.fill_trace_times`,
    `INSERT INTO ${database}.trace_times ${times('spans')}`,
    `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.fill_trace_times TO ${database}.trace_times
AS ${times('spans_in')}`,
  ],
};
