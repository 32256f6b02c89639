import { createInterface } from 'node:readline/promises';
import { ConfigError, parsePurgeTarget, purgeDataFolder } from '@spanwise/server';
import type { PurgeStep, PurgeTarget } from '@spanwise/store';
import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';
import { runCommand } from './run-command.ts';

interface Flags {
  readonly dataDir: string;
  readonly trace?: string;
  readonly attribute?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `spanwise purge`: takes what should never have been sent out of everything that is stored. */
export function createPurgeCommand(): Command {
  return new Command('purge')
    .description(
      'Takes a trace, or an attribute of every span and log record, out of everything that is stored.',
    )
    .helpOption('-h, --help', 'print this help')
    .option('--trace <id>', 'a trace with its log records: 32 hex digits')
    .option(
      '--attribute <key>',
      'an attribute wherever it stands: span, event, link, resource, scope, log record',
    )
    .option('--dry-run', 'only say what there is')
    .option('-y, --yes', 'do not ask')
    .addOption(dataDirOption('the data folder; the server on it may go on running'))
    .addHelpText(
      'after',
      `
There is no way back. It waits until the parts that held it are deleted from the disk. What comes in later is not
looked at: see --content, or make the sender stop first. A value that holds the key in a map goes whole; so does a
set-aside segment of the spool. Backups, and copies in other places, are yours to delete.`,
    )
    .exitOverride()
    .action((flags: Flags) => runCommand(() => purge(flags)));
}

async function purge(flags: Flags): Promise<void> {
  const { dataDir } = flags;
  const target = targetOf(flags);
  const isDryRun = flags.dryRun === true;
  if (!isDryRun && flags.yes !== true) await ask(target);
  const steps: PurgeStep[] = [];
  await purgeDataFolder(dataDir, { target, isDryRun }, (step) => {
    steps.push(step);
    const noun = step.table.includes('/') ? 'segments' : 'rows';
    process.stdout.write(`${step.table.padEnd(20)} ${step.rows} ${noun}\n`);
  });
  const what = target.kind === 'trace' ? `trace ${target.traceId}` : `attribute ${target.key}`;
  if (steps.length === 0) process.stdout.write(`nothing holds ${what}\n`);
  else process.stdout.write(isDryRun ? `nothing was changed\n` : `${what} is gone\n`);
}

function targetOf({ trace, attribute }: Flags): PurgeTarget {
  if ((trace === undefined) === (attribute === undefined)) {
    throw new ConfigError('give either --trace or --attribute.');
  }
  if (attribute !== undefined) {
    if (attribute === 'service.name' || attribute === '') {
      throw new ConfigError(
        `--attribute: ${JSON.stringify(attribute)} can not be purged; purge traces instead.`,
      );
    }
    return { kind: 'attribute', key: attribute };
  }
  const target = parsePurgeTarget({ kind: 'trace', traceId: trace!.toLowerCase().padStart(32, '0') });
  if (target === undefined) throw new ConfigError('--trace: no trace id.\nAllowed: 32 hex digits.');
  return target;
}

async function ask(target: PurgeTarget): Promise<void> {
  if (!process.stdin.isTTY) throw new ConfigError('without a terminal to ask at, --yes is needed.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const what = target.kind === 'trace' ? `trace ${target.traceId}` : `attribute ${target.key} everywhere`;
  const answer = await terminal.question(`Delete ${what}? There is no way back. (yes/no) `);
  terminal.close();
  if (answer.trim().toLowerCase() !== 'yes') throw new ConfigError('nothing was changed.');
}
