import { createInterface } from 'node:readline';
import { ConfigError } from '@spanwise/server';
import { Command } from 'commander';
import { LogSender } from './log-sender.ts';
import { runCommand } from './run-command.ts';

interface Flags {
  readonly service: string;
  readonly url: string;
  readonly tee: boolean;
}

/** For what is left when the input has ended. */
const closeMillis = 10_000;

/** `spanwise logs push`: for programs that only print. */
export function createLogsCommand(): Command {
  const push = new Command('push')
    .description('Sends the lines of standard input to a running Spanwise.')
    .helpOption('-h, --help', 'print this help')
    .requiredOption('--service <name>', 'service that wrote the lines, where they name none')
    .option('--url <url>', 'where Spanwise answers', 'http://127.0.0.1:16686')
    .option('--tee', 'also print the lines', false)
    .addHelpText(
      'after',
      `
  node app.js | spanwise logs push --service app --tee

Lines may be JSON objects (time, level, msg, trace_id, span_id under the names that loggers use; other fields become
attributes) or any text. While Spanwise is away, 16 MiB of them wait; whoever prints never waits.`,
    )
    .exitOverride()
    .action((flags: Flags) => runCommand(() => pushLines(flags)));
  return new Command('logs')
    .description('Sends log lines to a running Spanwise.')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .addCommand(push);
}

async function pushLines({ service, url, tee }: Flags): Promise<void> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new ConfigError(`--url: "${url}" is not usable.\nAllowed: an http or https URL.`);
  }
  const sender = new LogSender({ url, service });
  // Ctrl-C goes to the whole pipe: who prints ends, and with it the input; then the last lines are sent.
  process.on('SIGINT', () => {});
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (tee) process.stdout.write(`${line}\n`);
    sender.add(line);
  }
  const { sent, refused, dropped } = await sender.close(closeMillis);
  if (refused + dropped === 0) return;
  const why = sender.failure === undefined ? '' : ` (${sender.failure})`;
  process.stderr.write(`spanwise: ${sent} lines sent, ${refused} refused, ${dropped} dropped${why}\n`);
  process.exitCode = 1;
}
