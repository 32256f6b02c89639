import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BackupError, ConfigError, copyToServer } from '@spanwise/server';
import {
  formatServerAddress,
  parseServerAddress,
  type ServerAddress,
  serverAddressAllowed,
} from '@spanwise/store';
import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';
import { Progress } from './progress.ts';
import { runCommand } from './run-command.ts';

interface Flags {
  readonly dataDir: string;
  readonly to: string;
  readonly passwordFile?: string;
}

/** `spanwise copy`: from a data folder into a ClickHouse server. */
export function createCopyCommand(): Command {
  return new Command('copy')
    .description('Copies all spans and log records of a data folder into a ClickHouse server.')
    .helpOption('-h, --help', 'print this help')
    .addOption(dataDirOption('the data folder to copy; no server may run on it'))
    .requiredOption('--to <address>', 'clickhouse://user@host:8123/database, as --storage of spanwise serve')
    .option('--password-file <file>', 'password, so that it stands in no command line', (path) =>
      resolve(path),
    )
    .addHelpText(
      'after',
      `
Cut short, it goes on where it was when it is called again; called later, it brings over what has come since. Each
piece is counted in the server before the next. Nothing is taken from the data folder. While it copies, no Spanwise
may use the server's database.`,
    )
    .exitOverride()
    .action((flags: Flags) => runCommand(() => copy(flags)));
}

async function copy(flags: Flags): Promise<void> {
  const { dataDir } = flags;
  const address = addressOf(flags);
  if (!existsSync(join(dataDir, 'clickhouse'))) throw new BackupError(`${dataDir} holds no tables`);
  const progress = new Progress();
  try {
    const { rows, isResumed } = await copyToServer({
      dataDir,
      address,
      onSpool: (segments) => process.stderr.write(`storing ${segments} segments of the spool first\n`),
      onProgress: (done, total) => progress.show(`copying: ${done} of ${total} rows`),
    });
    progress.end();
    process.stdout.write(
      `copied ${rows.spans} spans and ${rows.logs} log records to ${formatServerAddress(address)}${
        isResumed ? ', those of the copy that was cut short included' : ''
      }\n`,
    );
  } finally {
    progress.end();
  }
}

function addressOf({ to, passwordFile }: Flags): ServerAddress {
  const address = parseServerAddress(to);
  if (address === undefined) {
    throw new ConfigError(`--to: the value is not usable.\nAllowed: ${serverAddressAllowed}.`);
  }
  if (passwordFile === undefined) return address;
  if (address.password !== '') throw new ConfigError('--password-file: the address has a password already.');
  try {
    return { ...address, password: readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    throw new ConfigError(`--password-file: ${(error as Error).message}`, { cause: error });
  }
}
