import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runLoad } from './load/run-load.ts';
import { rounded } from './measure/percentile.ts';
import { cpuSecondsOf, memoryOf } from './measure/process-usage.ts';
import { machine, report, say } from './measure/report.ts';
import { untilQuiet } from './measure/until-quiet.ts';
import { startSpanwise } from './targets/spanwise.ts';
import type { Target } from './targets/target.ts';

const help = `npm run bench:idle -- [options]

How soon it is ready, and what it takes when next to nothing happens.

  --data-dir FOLDER  also with this folder, such as the one that bench:questions keeps
  --seconds N        of each state (default 60)
  --json FILE        the table as JSON`;

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    seconds: { type: 'string', default: '60' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(help);
else await main(Number(values.seconds), values['data-dir']);

async function main(seconds: number, dataDir: string | undefined): Promise<void> {
  const before = machine();
  const rows: object[] = [];
  const empty = mkdtempSync(join(tmpdir(), 'spanwise-bench-'));
  rows.push(await measure('an empty folder', empty, seconds));
  rows.push({ folder: 'the same again', ...(await readyOnly(empty)) });
  rmSync(empty, { recursive: true });
  if (dataDir !== undefined) rows.push(await measure(dataDir, dataDir, seconds));
  report('idle', before, rows, values.json);
}

async function measure(folder: string, dataDir: string, seconds: number): Promise<object> {
  say(folder);
  const start = performance.now();
  const target = await startSpanwise({ dataDir, measuresDisk: false });
  const readyMillis = performance.now() - start;
  await untilQuiet(target);
  const idle = await shareOfCore(target, seconds);
  const memory = memoryOf(target.pids());
  const load = runLoad({
    endpoint: target.otlpHttp,
    protocol: 'http',
    isCompressed: false,
    workload: 'agent',
    connections: 1,
    spansPerRequest: 12,
    seconds: seconds + 5,
    rate: 100,
  });
  await delay(4_000);
  const trickle = await shareOfCore(target, seconds);
  await load;
  const after = memoryOf(target.pids());
  await target.stop();
  return {
    folder,
    'ready s': rounded(readyMillis / 1_000, 2),
    'idle, % of a core': idle,
    'idle RSS MiB': memory.rssMebibytes,
    'idle PSS MiB': memory.pssMebibytes,
    '100 spans/s, % of a core': trickle,
    'then RSS MiB': after.rssMebibytes,
    'then PSS MiB': after.pssMebibytes,
  };
}

async function readyOnly(dataDir: string): Promise<object> {
  const start = performance.now();
  const target = await startSpanwise({ dataDir, measuresDisk: false });
  const readyMillis = performance.now() - start;
  await target.stop();
  return { 'ready s': rounded(readyMillis / 1_000, 2) };
}

async function shareOfCore(target: Target, seconds: number): Promise<number> {
  const before = cpuSecondsOf(target.pids());
  await delay(seconds * 1_000);
  return rounded(((cpuSecondsOf(target.pids()) - before) / seconds) * 100, 2);
}
