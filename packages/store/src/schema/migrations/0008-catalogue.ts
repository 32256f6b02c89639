import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

/** Attribute keys, and values of keys with few of them: what a search box offers. Each day tells them again. */
const attributeCatalogue = `CREATE TABLE IF NOT EXISTS ${database}.attribute_catalogue (
  tenant UInt32,
  day Date,
  kind Enum8('key' = 1, 'value' = 2, 'tooMany' = 3),
  key String,
  level LowCardinality(String),
  type UInt8,
  value String
) ENGINE = ReplacingMergeTree
PARTITION BY day
ORDER BY (tenant, kind, key, level, type, value)
SETTINGS index_granularity = 1024`;

export const catalogue: Migration = {
  id: 8,
  name: 'catalogue of attributes',
  statements: [attributeCatalogue],
};
