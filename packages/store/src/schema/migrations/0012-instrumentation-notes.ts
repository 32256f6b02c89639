import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

/** What is wrong with how services send, by the hour in which it came: some rows a service and hour. */
const notes = `CREATE TABLE IF NOT EXISTS ${database}.instrumentation_notes (
  tenant UInt32,
  hour DateTime('UTC'),
  service LowCardinality(String),
  what LowCardinality(String),
  detail LowCardinality(String),
  count SimpleAggregateFunction(sum, UInt64),
  first SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  trace_id SimpleAggregateFunction(max, FixedString(16))
) ENGINE = AggregatingMergeTree
PARTITION BY toDate(hour)
ORDER BY (tenant, hour, service, what, detail)
SETTINGS index_granularity = 1024`;

export const instrumentationNotes: Migration = {
  id: 12,
  name: 'what is wrong with how services send',
  statements: [
    notes,
    // Service, what, how many: what only the whole trace tells.
    `ALTER TABLE ${database}.trace_summary
      ADD COLUMN IF NOT EXISTS flaws Array(Tuple(LowCardinality(String), LowCardinality(String), UInt32))`,
  ],
};
