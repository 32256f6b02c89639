import { checkDataFolder } from '@spanwise/server';
import type { DerivedCheck } from '@spanwise/store';
import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';
import { Progress } from './progress.ts';
import { runCommand } from './run-command.ts';

interface Flags {
  readonly dataDir: string;
  readonly json?: boolean;
  readonly repair?: boolean;
}

/** `spanwise doctor`: counts anew what is derived, and says where it differs. */
export function createDoctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Counts every derived table anew from the spans and log records, and says where they differ.',
    )
    .helpOption('-h, --help', 'print this help')
    .option('--json', 'every count, a line of JSON each')
    .option('--repair', 'make anew what differs, where it can be derived again')
    .addOption(dataDirOption('the data folder; the server on it may go on running'))
    .addHelpText(
      'after',
      `
Exit code 0: everything is as it should be. 1: something differs. Spans and log records themselves are proved when
they are stored; what differs are lists, series or summaries that are made from them. With --repair, 1 says that
something is left that could not be made anew.`,
    )
    .exitOverride()
    .action((flags: Flags) => runCommand(() => doctor(flags)));
}

async function doctor({ dataDir, json, repair }: Flags): Promise<void> {
  const progress = new Progress();
  const differing: DerivedCheck[] = [];
  const days = new Set<string>();
  let count = 0;
  let repaired = 0;
  await checkDataFolder(dataDir, { isRepair: repair === true }, (check) => {
    count += 1;
    if (check.repaired !== undefined) repaired += 1;
    days.add(check.day);
    if (check.differing > 0) differing.push(check);
    if (json === true) process.stdout.write(`${JSON.stringify(check)}\n`);
    else progress.show(`${check.day}: ${check.table}`);
  });
  progress.end();
  if (differing.length > 0) process.exitCode = 1;
  if (json === true) return;
  if (repaired > 0) process.stdout.write(`${repaired} counts differed, and were made anew\n`);
  if (count === 0) process.stdout.write('nothing is stored\n');
  else if (differing.length === 0) process.stdout.write(`${count} counts of ${days.size} days agree\n`);
  else process.stdout.write(tableOf(differing));
}

function tableOf(checks: readonly DerivedCheck[]): string {
  const rows = [
    ['table', 'day', 'expected', 'found', 'differing'],
    ...checks.map(({ table, day, expected, found, differing }) =>
      [table, day, expected, found, differing].map(String),
    ),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
