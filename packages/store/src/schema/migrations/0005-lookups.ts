import { attributeTokens } from '../attribute-tokens.ts';
import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

/**
 * When each trace began and last began a span: with that, a trace by id reads the parts of its own time and no
 * others, and an id that nobody sent is answered here. A month a partition, so that a lookup asks few of them.
 */
const create = (table: string) => `CREATE TABLE IF NOT EXISTS ${database}.${table} (
  tenant UInt32,
  trace_id FixedString(16),
  month Date,
  first SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(Delta, ZSTD(1)),
  last SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(Delta, ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY month
ORDER BY (tenant, trace_id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1,
  non_replicated_deduplication_window = 1000`;

/** Stands here in full: `selectFor` goes on with the schema, a step never changes. */
const select = (time: string, source: string) =>
  `SELECT tenant, trace_id, toStartOfMonth(${time}) AS month, min(${time}) AS first, max(${time}) AS last
        FROM ${source} GROUP BY tenant, trace_id, month`;

/** Rows of one trace and month collapse, so that what an earlier try filled does no harm. */
const fill = (table: string, time: string, base: string, source: string) => [
  create(table),
  // The columns by name: a power cut may have taken the record of this step, and a later one have added more.
  `INSERT INTO ${database}.${table} (tenant, trace_id, month, first, last) ${select(time, base)}`,
  `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.fill_${table} TO ${database}.${table}
AS ${select(time, source)}`,
];

const logsWithTrace = (table: string) =>
  `(SELECT * FROM ${database}.${table} WHERE trace_id != toFixedString('', 16))`;

export const lookups: Migration = {
  id: 5,
  name: 'times of traces, text index of attributes',
  statements: [
    ...fill('trace_times', 'start_time', `${database}.spans`, `${database}.spans_in`),
    ...fill('trace_log_times', 'time', logsWithTrace('logs'), logsWithTrace('logs_in')),
    `ALTER TABLE ${database}.spans ADD COLUMN IF NOT EXISTS attribute_tokens Array(String) ALIAS ${attributeTokens.all}`,
    `ALTER TABLE ${database}.spans ADD INDEX IF NOT EXISTS attribute_text attribute_tokens TYPE text(tokenizer = 'array')`,
    `ALTER TABLE ${database}.spans MATERIALIZE INDEX attribute_text`,
  ],
};
