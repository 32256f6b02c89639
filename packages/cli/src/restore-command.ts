import { resolve } from 'node:path';
import { restoreBackup } from '@spanwise/server';
import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';
import { formatShare, Progress } from './progress.ts';
import { runCommand } from './run-command.ts';

interface Flags {
  readonly dataDir: string;
  readonly from: string;
}

/** `spanwise restore`: a data folder from a backup. */
export function createRestoreCommand(): Command {
  return new Command('restore')
    .description('Makes a data folder from what spanwise backup wrote.')
    .helpOption('-h, --help', 'print this help')
    .requiredOption('--from <folder>', 'the backup', (path) => resolve(path))
    .addOption(dataDirOption('the data folder to make; missing or empty'))
    .addHelpText(
      'after',
      `
Every file is compared with its checksum; when one is missing or damaged, it is named and nothing is left behind.
A backup of an earlier version is brought to this version's schema. spanwise serve then goes on where it was.`,
    )
    .exitOverride()
    .action((flags: Flags) => runCommand(() => restore(flags)));
}

async function restore({ dataDir, from }: Flags): Promise<void> {
  const progress = new Progress();
  try {
    const { createdAt } = await restoreBackup(from, dataDir, (done, total) =>
      progress.show(`restoring: ${formatShare(done, total)}`),
    );
    progress.end();
    process.stdout.write(`restored the backup of ${createdAt} to ${dataDir}\n`);
  } finally {
    progress.end();
  }
}
