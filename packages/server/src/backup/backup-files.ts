import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { AppliedStep } from '@spanwise/store';
import { syncDirectory } from '../spool/durable-files.ts';
import { version } from '../version.ts';
import type { Snapshot } from './snapshot.ts';

/*
 * A backup is a folder:
 *
 *   manifest.json              what is below, with sizes and SHA-256; written last, so without it there is no backup
 *   tables/<table>/<part>/…    parts of tables, as the engine froze them
 *   spool/…                    what was acknowledged and not yet in the tables
 */

export interface BackupFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface BackupManifest {
  readonly format: 1;
  /** Of Spanwise. */
  readonly version: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly schema: readonly AppliedStep[];
  readonly files: readonly BackupFile[];
}

/** Called often; `bytes` of `totalBytes` are done. */
export type OnProgress = (bytes: number, totalBytes: number) => void;

export const manifestName = 'manifest.json';

/** A backup that is not whole, or not one. The message names the file. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** Copies a snapshot into the empty folder `to`. */
export async function writeBackup(
  snapshot: Snapshot,
  to: string,
  onProgress: OnProgress = () => {},
): Promise<BackupManifest> {
  const sources = [
    ...(await Promise.all(
      snapshot.tables.map(async ({ name, directory }) =>
        (
          await filesBelow(directory)
        ).map((file) => ({
          from: join(directory, file),
          path: `tables/${name}/${file}`,
        })),
      ),
    )),
    inSpoolOrder(await filesBelow(snapshot.spoolDirectory)).map((file) => ({
      from: join(snapshot.spoolDirectory, file),
      path: `spool/${file}`,
    })),
  ].flat();
  const sizes = await Promise.all(sources.map(async ({ from }) => (await stat(from)).size));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  let done = 0;
  const files: BackupFile[] = [];
  await forEachSome(sources, async ({ from, path }, index) => {
    const copied = await copyHashed(from, join(to, path), (bytes) => {
      done += bytes;
      onProgress(done, totalBytes);
    });
    files[index] = { path, ...copied };
  });
  const manifest: BackupManifest = {
    format: 1,
    version,
    createdAt: new Date().toISOString(),
    schema: snapshot.schema,
    files,
  };
  await writeDurably(join(to, manifestName), JSON.stringify(manifest, undefined, 1));
  return manifest;
}

/** Errors: `BackupError` when there is none, or one of a format that this version does not know. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  let manifest: BackupManifest;
  try {
    manifest = JSON.parse(await readFile(join(folder, manifestName), 'utf8')) as BackupManifest;
  } catch (error) {
    throw new BackupError(`${folder} is no whole backup: it has no readable ${manifestName}`, {
      cause: error,
    });
  }
  if (manifest.format !== 1) {
    throw new BackupError(`${folder} was written by a newer version of Spanwise (${manifest.version})`);
  }
  for (const { path } of manifest.files) {
    if (!/^(tables|spool)(\/[\w.-]+)+$/.test(path) || path.split('/').includes('..')) {
      throw new BackupError(`${folder}: ${manifestName} names a file outside of it: ${JSON.stringify(path)}`);
    }
  }
  return manifest;
}

/** Copies one file of a backup. Errors: `BackupError` when it is not what was written. */
export async function copyChecked(
  folder: string,
  file: BackupFile,
  to: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let copied: { readonly bytes: number; readonly sha256: string };
  try {
    copied = await copyHashed(join(folder, file.path), to, onBytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new BackupError(`${file.path} is missing in ${folder}`, { cause: error });
  }
  if (copied.bytes !== file.bytes || copied.sha256 !== file.sha256) {
    throw new BackupError(`${file.path} in ${folder} is damaged: it is not what was backed up`);
  }
}

/** Files wait for the disk one by one; several at once wait together. */
const filesAtOnce = 8;

/** In order, some at once. Errors: the first one, after those that had begun. */
export async function forEachSome<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const left = items.entries();
  let hasFailed = false;
  const workOn = async () => {
    for (const [index, item] of left) {
      if (hasFailed) return;
      await work(item, index).catch((error: unknown) => {
        hasFailed = true;
        throw error;
      });
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: filesAtOnce }, workOn));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Relative paths, with `/`. */
async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** Side files first: the rows that they speak of are written when the rows are read. */
function inSpoolOrder(files: readonly string[]): readonly string[] {
  const isRows = (file: string) => Number(file.endsWith('.rows'));
  return files.toSorted((a, b) => isRows(a) - isRows(b));
}

async function copyHashed(from: string, to: string, onBytes: (bytes: number) => void) {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  let bytes = 0;
  const target = await open(to, 'wx', 0o600);
  try {
    // Not before somebody listens: a file that is missing would end the process.
    const source = createReadStream(from, { highWaterMark: 1024 * 1024 });
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await target.writeFile(chunk);
      bytes += chunk.length;
      onBytes(chunk.length);
    }
    await target.sync();
  } finally {
    await target.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
}
