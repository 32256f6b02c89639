import { formatDuration } from '@spanwise/analysis';
import type { ProblemDocument, SearchSpansResponse, SearchTracesResponse } from '@spanwise/api';
import { ConfigError } from '@spanwise/server';
import { Command } from 'commander';
import { formatTable } from './format-table.ts';
import { reasonOf } from './log-sender.ts';
import { runCommand } from './run-command.ts';

interface Flags {
  readonly traces: boolean;
  readonly order: string;
  readonly asc: boolean;
  readonly limit: string;
  readonly lookback?: string;
  readonly start?: string;
  readonly end?: string;
  readonly json: boolean;
  readonly url: string;
}

/** `spanwise search`: the filter language of the search page, in a terminal. */
export function createSearchCommand(): Command {
  return new Command('search')
    .description('Finds spans, or traces, by a filter.')
    .helpOption('-h, --help', 'print this help')
    .argument('[filter]', 'what to find (docs/filter-language.md); none: everything', '')
    .option('--traces', 'list traces of which one span matches', false)
    .option('--order <name>', 'time, duration, tokens, cost; of traces also spans, errors', 'time')
    .option('--asc', 'the oldest, or smallest, first', false)
    .option('--limit <number>', 'at most so many, up to 1500', '20')
    .option('--lookback <time>', 'only the last 15m, 1h, 7d')
    .option('--start <time>', 'nothing before: 2026-11-23T10:00:00Z, or Unix milliseconds')
    .option('--end <time>', 'nothing after')
    .option('--json', 'print the answer of /api/v1/search as it comes', false)
    .option('--url <url>', 'where Spanwise answers', 'http://127.0.0.1:16686')
    .addHelpText(
      'after',
      `
  spanwise search 'service = "llm-proxy" and duration > 2s'
  spanwise search --traces --order cost --lookback 1d 'agent exists'`,
    )
    .exitOverride()
    .action((filter: string, flags: Flags) => runCommand(() => search(filter, flags)));
}

async function search(filter: string, flags: Flags): Promise<void> {
  const { url, traces, order, asc, limit, lookback, start, end, json } = flags;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new ConfigError(`--url: "${url}" is not usable.\nAllowed: an http or https URL.`);
  }
  const target = new URL(`/api/v1/search/${traces ? 'traces' : 'spans'}`, url);
  target.search = new URLSearchParams({
    filter,
    order,
    direction: asc ? 'asc' : 'desc',
    limit,
    ...(lookback === undefined ? {} : { lookback }),
    ...(start === undefined ? {} : { start: parseTime('--start', start) }),
    ...(end === undefined ? {} : { end: parseTime('--end', end) }),
  }).toString();
  const response = await fetch(target).catch((error: unknown) => {
    process.stderr.write(`spanwise: ${target.host} can't be reached: ${reasonOf(error)}\n`);
  });
  if (response === undefined) {
    process.exitCode = 1;
    return;
  }
  const text = await response.text();
  if (!response.ok) {
    process.stderr.write(`spanwise: ${complaint(text, response.status, filter)}\n`);
    process.exitCode = response.status < 500 ? 2 : 1;
    return;
  }
  process.stdout.write(json ? `${text}\n` : describe(JSON.parse(text)));
}

/** Unix milliseconds, as the API takes them. A date without a zone would mean another time on another machine. */
function parseTime(flag: string, text: string): string {
  if (/^\d{1,16}$/.test(text)) return text;
  const millis = /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(millis)) {
    throw new ConfigError(
      `${flag}: "${text}" is not usable.\nAllowed: 2026-11-23T10:00:00Z, or Unix milliseconds.`,
    );
  }
  return String(millis);
}

/** With the place under the filter, where the server names one. */
function complaint(body: string, status: number, filter: string): string {
  let problem: Partial<ProblemDocument> = {};
  try {
    problem = JSON.parse(body);
  } catch {
    // Somebody else answers there.
  }
  const { detail, position, parameter } = problem;
  if (detail === undefined) return `the answer was ${status}, and not one of Spanwise`;
  if (position === undefined || parameter !== 'filter' || /[^\x20-\x7e]/.test(filter)) return detail;
  const mark = '^'.repeat(Math.max(1, position.to - position.from));
  return `${detail}\n  ${filter}\n  ${' '.repeat(position.from)}${mark}`;
}

function describe(answer: SearchSpansResponse | SearchTracesResponse): string {
  const { total, searched, unknownKeys } = answer;
  const rows = 'spans' in answer ? spanRows(answer) : traceRows(answer);
  const shown = rows.length - 1;
  const lines = shown === 0 ? ['nothing found'] : formatTable(rows);
  for (const { key, didYouMean } of unknownKeys ?? []) {
    lines.push(
      `nobody has sent an attribute ${key}${didYouMean === undefined ? '' : `; did you mean ${didYouMean}?`}`,
    );
  }
  if (total !== undefined && (total.count > shown || !total.exact)) {
    lines.push(`${shown} of ${total.exact ? '' : 'at least '}${total.count}`);
  }
  if (!searched.complete) {
    const [from, to] = [formatTime(searched.fromUnixNano), formatTime(searched.toUnixNano)];
    lines.push(`searched only from ${from} to ${to}: narrow the window, or add a condition`);
  }
  return `${lines.join('\n')}\n`;
}

function spanRows({ spans }: SearchSpansResponse): readonly (readonly string[])[] {
  return [
    ['start', 'duration', 'status', 'service', 'name', 'trace', 'span'],
    ...spans.map((span) => [
      formatTime(span.startTimeUnixNano),
      formatDuration(span.durationNanos),
      span.status,
      span.service,
      span.name,
      span.traceId,
      span.spanId,
    ]),
  ];
}

function traceRows({ traces }: SearchTracesResponse): readonly (readonly string[])[] {
  return [
    ['start', 'duration', 'spans', 'errors', 'service', 'name', 'trace'],
    ...traces.map((trace) => [
      formatTime(trace.startTimeUnixNano),
      formatDuration(trace.durationNanos),
      String(trace.spanCount),
      String(trace.errorCount),
      trace.rootService ?? '–',
      trace.rootName ?? '–',
      trace.traceId,
    ]),
  ];
}

/** UTC, to the millisecond. */
function formatTime(unixNano: string): string {
  return new Date(Number(BigInt(unixNano) / 1_000_000n)).toISOString();
}
