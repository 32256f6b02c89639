import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

/**
 * How many spans of an operation began in a window, how many failed, how long they took: the answer to rates,
 * percentiles and "is that unusual" without reading a span. By operation first: its history is one short read.
 * A month a partition: rows are few, and each partition that an insert touches costs a part.
 */
const create = (table: string) => `CREATE TABLE IF NOT EXISTS ${database}.${table} (
  tenant UInt32,
  window DateTime('UTC') CODEC(Delta, ZSTD(1)),
  service LowCardinality(String),
  name LowCardinality(String),
  kind UInt8,
  is_error Bool,
  spans SimpleAggregateFunction(sum, Float64),
  nanos SimpleAggregateFunction(sum, Float64),
  buckets SimpleAggregateFunction(sumMap, Map(UInt16, Float64))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(window)
ORDER BY (tenant, service, name, kind, window, is_error)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000`;

/** Stands here in full: `selectFor` goes on with the schema, a step never changes. */
const select = (window: string, source: string) => `SELECT tenant, ${window} AS window, service, name, kind,
        status_code = 2 AS is_error,
        sum(adjusted_count) AS spans, sum(duration * adjusted_count) AS nanos,
        sumMap(map(toUInt16(floor(log2(greatest(duration, 1)) * 8)), adjusted_count)) AS buckets
        FROM ${database}.${source} GROUP BY tenant, window, service, name, kind, is_error`;

/** What is stored already counts too; from nothing, should an earlier try have got half way. */
const fill = (table: string, window: string) => [
  create(table),
  `TRUNCATE TABLE ${database}.${table}`,
  `INSERT INTO ${database}.${table} ${select(window, 'span_search')}`,
  `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.fill_${table} TO ${database}.${table}
AS ${select(window, 'spans_in')}`,
];

export const series: Migration = {
  id: 2,
  name: 'series of rates and durations',
  statements: [
    ...fill('series', 'toStartOfMinute(start_time)'),
    ...fill('series_hour', 'toStartOfHour(start_time)'),
  ],
};
