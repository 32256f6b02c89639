import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BackupError, holdSnapshot, writeBackup } from '@spanwise/server';
import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';
import { formatBytes, formatShare, Progress } from './progress.ts';
import { runCommand } from './run-command.ts';

interface Flags {
  readonly dataDir: string;
  readonly to: string;
}

/** `spanwise backup`: all that is stored and acknowledged, into a folder. */
export function createBackupCommand(): Command {
  return new Command('backup')
    .description('Writes everything that is stored into a folder; the server may go on running.')
    .helpOption('-h, --help', 'print this help')
    .addOption(dataDirOption('the data folder to back up'))
    .requiredOption('--to <folder>', 'an empty folder, or one that is not there yet', (path) => resolve(path))
    .addHelpText(
      'after',
      `
What was acknowledged before the command began is in the backup, whole, whether a server runs on the data folder
or not. Every file has a checksum in manifest.json, which is written last: a folder without it is no backup.
spanwise restore makes a data folder of it.`,
    )
    .exitOverride()
    .action((flags: Flags) => runCommand(() => backup(flags)));
}

async function backup({ dataDir, to }: Flags): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  if ((await readdir(to)).length > 0) throw new BackupError(`${to} is not empty`);
  const snapshot = await holdSnapshot(dataDir);
  const progress = new Progress();
  try {
    const { files } = await writeBackup(snapshot, to, (done, total) =>
      progress.show(`backing up: ${formatShare(done, total)}`),
    );
    progress.end();
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    process.stdout.write(`backed up ${dataDir} to ${to}: ${files.length} files, ${formatBytes(bytes)}\n`);
  } catch (error) {
    progress.end();
    // Half a backup is none, and takes the room of the next one.
    for (const name of await readdir(to)) await rm(join(to, name), { recursive: true, force: true });
    throw error;
  } finally {
    await snapshot.release();
  }
}
