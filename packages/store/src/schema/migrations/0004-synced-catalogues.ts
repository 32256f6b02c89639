import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

/**
 * A segment is deleted when its base rows are counted. What stands in these tables is not counted, so after a power
 * cut nothing would fill it in again: it must be on disk by then, as the base rows are.
 */
const synced = 'fsync_after_insert = 1, fsync_part_directory = 1';

export const syncedCatalogues: Migration = {
  id: 4,
  name: 'operations and services survive a power cut',
  statements: [
    `ALTER TABLE ${database}.operations MODIFY SETTING ${synced}`,
    `ALTER TABLE ${database}.services MODIFY SETTING ${synced}`,
  ],
};
