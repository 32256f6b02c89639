import type { Engine } from './engine.ts';
import { readRows } from './row-binary/reader.ts';
import { database, retainedTables } from './schema/tables.ts';
import type { RetentionPolicy } from './store.ts';

const dayMillis = 86_400_000;

interface Partition {
  readonly table: (typeof retainedTables)[number]['table'];
  /** `2026-11-22`. */
  readonly day: string;
  readonly bytes: number;
}

/**
 * Drops whole days: by age of each signal, then the oldest day of all tables together while the stored parts are
 * larger than the policy allows, or the disk is fuller. For the disk's sake the newest 24 hours are never dropped:
 * something else may have filled it.
 * Gives: `table/day` of what was dropped.
 */
export async function applyRetention(
  engine: Engine,
  policy: RetentionPolicy,
  now: number,
): Promise<readonly string[]> {
  const { partitions, disk } = await readState(engine);
  const old = partitions.filter(({ table, day }) => {
    const { signal } = retainedTables.find((retained) => retained.table === table)!;
    const maxAge = signal === 'spans' ? policy.tracesMillis : policy.logsMillis;
    return endOf(day) <= now - maxAge;
  });
  const doomed = new Set(old);
  let stored = sum(partitions) - sum(old);
  let used = disk.used - sum(old);
  for (const day of [...new Set(partitions.map((partition) => partition.day))].sort()) {
    const left = partitions.filter((partition) => partition.day === day && !doomed.has(partition));
    const tooLarge = policy.sizeBytes !== undefined && stored > policy.sizeBytes;
    const diskTooFull = policy.diskShare !== undefined && used > disk.total * policy.diskShare;
    if (!tooLarge && !(diskTooFull && endOf(day) <= now - dayMillis)) continue;
    for (const partition of left) doomed.add(partition);
    stored -= sum(left);
    used -= sum(left);
  }
  for (const { table } of retainedTables) {
    const drops = [...doomed].filter((partition) => partition.table === table);
    if (drops.length === 0) continue;
    await engine.execute(
      `ALTER TABLE ${database}.${table} ${drops.map(({ day }) => `DROP PARTITION '${day}'`).join(', ')}`,
    );
  }
  return [...doomed].map(({ table, day }) => `${table}/${day}`);
}

function sum(partitions: readonly Partition[]): number {
  return partitions.reduce((bytes, partition) => bytes + partition.bytes, 0);
}

/** Unix milliseconds of the first moment after the day. */
function endOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + dayMillis;
}

async function readState(engine: Engine) {
  const [parts, disks] = await Promise.all([
    engine.query(
      `SELECT table, partition, sum(bytes_on_disk) FROM system.parts
        WHERE active AND database = {database:String} AND has({tables:Array(String)}, table)
        GROUP BY table, partition ORDER BY partition, table`,
      { parameters: { tables: retainedTables.map(({ table }) => table) } },
    ),
    engine.query(`SELECT total_space, free_space FROM system.disks WHERE name = 'default'`),
  ]);
  const [total, free] = readRows(disks)[0] as readonly [bigint, bigint];
  return {
    partitions: readRows(parts).map(
      ([table, day, bytes]): Partition => ({
        table: table as Partition['table'],
        day: day as string,
        bytes: Number(bytes),
      }),
    ),
    disk: { total: Number(total), used: Number(total - free) },
  };
}
