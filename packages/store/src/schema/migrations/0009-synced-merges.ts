import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

/**
 * A merge takes the place of parts that were synced. The engine keeps those for eight minutes, by when the system
 * has written the merged one; but after a restart it counts from when they were made, and deletes old ones at once:
 * a power cut then took rows that had been proved. A mutation asks the same setting.
 */
const tables = [
  ...['spans', 'span_search', 'span_payload', 'logs', 'log_payload', 'operations', 'services', 'series'],
  ...['series_hour', 'trace_times', 'trace_log_times', 'trace_summary', 'settle_progress'],
  ...['archived_spans', 'archived_payload'],
];

export const syncedMerges: Migration = {
  id: 9,
  name: 'merges survive a power cut',
  statements: tables.map(
    (table) => `ALTER TABLE ${database}.${table} MODIFY SETTING min_rows_to_fsync_after_merge = 1`,
  ),
};
