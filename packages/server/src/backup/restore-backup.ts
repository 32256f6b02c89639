import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createEmbeddedEngine, restoreTables } from '@spanwise/store';
import { createDataFolder } from '../create-data-folder.ts';
import {
  BackupError,
  type BackupFile,
  type BackupManifest,
  copyChecked,
  forEachSome,
  type OnProgress,
  readManifest,
} from './backup-files.ts';

const closeMillis = 10_000;

/**
 * Makes a data folder from a backup; every file is compared with its checksum on the way. The folder must be
 * missing or empty, and is empty again when something goes wrong.
 * Errors: `BackupError`, `ConfigError`, `DataFolderTakenError`, `EngineError`.
 */
export async function restoreBackup(
  from: string,
  dataDir: string,
  onProgress: OnProgress = () => {},
): Promise<BackupManifest> {
  const manifest = await readManifest(from);
  await createDataFolder(dataDir);
  if ((await readdir(dataDir)).length > 0) {
    throw new BackupError(`${dataDir} is not empty: a backup is restored into a folder of its own`);
  }
  const totalBytes = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const onBytes = (bytes: number) => {
    done += bytes;
    onProgress(done, totalBytes);
  };
  try {
    await restoreInto(from, manifest, dataDir, onBytes);
  } catch (error) {
    for (const name of await readdir(dataDir))
      await rm(join(dataDir, name), { recursive: true, force: true });
    throw error;
  }
  return manifest;
}

async function restoreInto(
  from: string,
  manifest: BackupManifest,
  dataDir: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const byPart = Map.groupBy(
    manifest.files.filter(({ path }) => path.startsWith('tables/')),
    ({ path }) => path.split('/', 3).join('/'),
  );
  const byTable = Map.groupBy([...byPart.keys()], (part) => part.split('/')[1]!);
  const tables = [...byTable].map(([name, parts]) => ({
    name,
    parts: parts.map((part) => part.split('/')[2]!),
  }));
  const engine = await createEmbeddedEngine({ dataDir });
  try {
    await restoreTables(engine, manifest.schema, tables, async (table, part, directory) => {
      const prefix = `tables/${table}/${part}`;
      await forEachSome(byPart.get(prefix)!, (file) =>
        copyChecked(from, file, join(directory, file.path.slice(prefix.length + 1)), onBytes),
      );
    });
    await forEachSome(manifest.files.filter(isOfSpool), (file) =>
      copyChecked(from, file, join(dataDir, file.path), onBytes),
    );
  } finally {
    await engine.close(closeMillis);
  }
}

function isOfSpool({ path }: BackupFile): boolean {
  return path.startsWith('spool/');
}
