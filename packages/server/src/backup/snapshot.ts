import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppliedStep, type Engine, freezeTables } from '@spanwise/store';
import type { Spool } from '../spool/spool.ts';

/** Tables and spool at one moment: files that nobody deletes until `release`. Plain data but for that. */
export interface Snapshot {
  readonly schema: readonly AppliedStep[];
  readonly tables: readonly { readonly name: string; readonly directory: string }[];
  /** Files of open segments may still grow: of a segment, the side file is read before the rows. */
  readonly spoolDirectory: string;
}

export interface HeldSnapshot extends Snapshot {
  release(): Promise<void>;
}

/** Of the control socket: answers with a `Snapshot` in one line, and holds it until the caller is gone. */
export const snapshotPath = '/snapshot';

/** Of snapshots that were not released, because their process was killed. */
const folderName = 'snapshots';

/**
 * Everything acknowledged before the call is in the tables or in the spool of the snapshot. What is in both is
 * stored once when the spool is replayed, as after any crash.
 * `spool`: absent where no server runs on the folder.
 */
export async function takeSnapshot(dataDir: string, engine: Engine, spool?: Spool): Promise<HeldSnapshot> {
  const folder = join(dataDir, folderName, randomUUID());
  const take = async () => {
    const frozen = await freezeTables(engine);
    await linkTree(join(dataDir, 'spool'), join(folder, 'spool'));
    return frozen;
  };
  // Between two segments: none is half in the tables, and none leaves the spool meanwhile.
  const frozen = await (spool === undefined ? take() : spool.whileResting(take));
  return {
    schema: frozen.schema,
    tables: frozen.tables,
    spoolDirectory: join(folder, 'spool'),
    async release() {
      await frozen.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a killed process left. Only for the owner of the folder. */
export async function forgetSnapshots(dataDir: string): Promise<void> {
  await rm(join(dataDir, folderName), { recursive: true, force: true });
  const shadow = join(dataDir, 'clickhouse', 'shadow');
  for (const name of await namesIn(shadow)) {
    if (name.startsWith('spanwise_')) await rm(join(shadow, name), { recursive: true, force: true });
  }
}

async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await namesIn(from)) {
    await link(join(from, name), join(to, name)).catch(async (error: NodeJS.ErrnoException) => {
      // A folder; or a file that has done its duty meanwhile.
      if (error.code === 'EPERM') await linkTree(join(from, name), join(to, name));
      else if (error.code !== 'ENOENT') throw error;
    });
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
