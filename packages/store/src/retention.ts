import type { Engine } from './engine.ts';
import { readRows } from './row-binary/reader.ts';
import { database, retainedTables } from './schema/tables.ts';
import type { RetentionPolicy } from './store.ts';

const dayMillis = 86_400_000;

interface Partition {
  readonly table: (typeof retainedTables)[number]['table'];
  /** Name of the partition: `2026-11-22`, a day; of tables with few rows a month, `202611` or its first day. */
  readonly period: string;
  /** Unix milliseconds of the first moment after the day or month. */
  readonly end: number;
  readonly bytes: number;
}

/**
 * Drops whole days (of the series, months): by age of each signal, then the oldest day of all tables together while the stored parts are
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
  const old = partitions.filter(({ table, end }) => end <= now - maxAgeOf(table, policy));
  const doomed = new Set(old);
  let stored = sum(partitions) - sum(old);
  let used = disk.used - sum(old);
  const ends = [...new Set(partitions.map(({ end }) => end))].sort((a, b) => a - b);
  for (const end of ends) {
    const left = partitions.filter((partition) => partition.end === end && !doomed.has(partition));
    const tooLarge = policy.sizeBytes !== undefined && stored > policy.sizeBytes;
    const diskTooFull = policy.diskShare !== undefined && used > disk.total * policy.diskShare;
    if (!tooLarge && !(diskTooFull && end <= now - dayMillis)) continue;
    for (const partition of left) doomed.add(partition);
    stored -= sum(left);
    used -= sum(left);
  }
  for (const { table } of retainedTables) {
    const drops = [...doomed].filter((partition) => partition.table === table);
    if (drops.length === 0) continue;
    await engine.execute(
      `ALTER TABLE ${database}.${table} ${drops.map(({ period }) => `DROP PARTITION '${period}'`).join(', ')}`,
    );
  }
  return [...doomed].map(({ table, period }) => `${table}/${period}`);
}

/** Payload never outlives the spans or records that it belongs to. */
function maxAgeOf(table: Partition['table'], policy: RetentionPolicy): number {
  const retained = retainedTables.find((candidate) => candidate.table === table)!;
  const own = retained.signal === 'spans' ? policy.tracesMillis : policy.logsMillis;
  return 'isPayload' in retained ? Math.min(own, policy.payloadMillis ?? own) : own;
}

function sum(partitions: readonly Partition[]): number {
  return partitions.reduce((bytes, partition) => bytes + partition.bytes, 0);
}

function endOf(table: Partition['table'], period: string): number {
  const [, year, month, day] = /^(\d{4})-?(\d\d)(?:-(\d\d))?$/.exec(period)!; // no table has other partitions
  const isMonth = day === undefined || monthTables.has(table);
  return Date.UTC(Number(year), isMonth ? Number(month) : Number(month) - 1, isMonth ? 1 : Number(day) + 1);
}

/** Whose partitions are named by the first day of their month. */
const monthTables: ReadonlySet<Partition['table']> = new Set(['trace_times', 'trace_log_times']);

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
      ([table, period, bytes]): Partition => ({
        table: table as Partition['table'],
        period: period as string,
        end: endOf(table as Partition['table'], period as string),
        bytes: Number(bytes),
      }),
    ),
    disk: { total: Number(total), used: Number(total - free) },
  };
}
