import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

/**
 * A merge takes the place of parts that were synced, so it is synced as well, and so is a mutation. And the parts
 * that it replaced stay for a while, longer than the system takes to write what nobody syncs (30 s on Linux): files
 * of the text index are such. The embedded engine's own default deletes them at once.
 */
const settings = 'min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 60';

const tables = [
  ...['spans', 'span_search', 'span_payload', 'logs', 'log_payload', 'operations', 'services', 'series'],
  ...['series_hour', 'trace_times', 'trace_log_times', 'trace_summary', 'settle_progress'],
  ...['archived_spans', 'archived_payload'],
];

export const syncedMerges: Migration = {
  id: 9,
  name: 'merges survive a power cut',
  statements: tables.map((table) => `ALTER TABLE ${database}.${table} MODIFY SETTING ${settings}`),
};
