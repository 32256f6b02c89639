import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../tests/support/start-system.ts';
import { runLoad } from './load/run-load.ts';
import { rounded } from './measure/percentile.ts';
import { cpuSecondsOf, memoryOf } from './measure/process-usage.ts';
import { machine, report, say } from './measure/report.ts';
import { untilQuiet } from './measure/until-quiet.ts';
import { startSpanwise } from './targets/spanwise.ts';

const help = `npm run bench:soak -- [options]

A steady load for a long time: memory, parts and the spool have to stay flat, and nothing may be lost.

  --minutes N  (default 30)
  --rate N     spans a second (default 10,000)
  --json FILE  the table as JSON`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '10000' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

interface Sample {
  readonly minute: number;
  readonly rss: number;
  readonly pss: number;
  readonly cpuPercent: number;
  readonly spoolMebibytes: number;
  /** Of all tables on disk, those that a merge has replaced and that are not deleted yet included. */
  readonly parts: number;
}

if (values.help) console.log(help);
else await main(Number(values.minutes), Number(values.rate));

async function main(minutes: number, rate: number): Promise<void> {
  const before = machine();
  const dataDir = temporaryFolder('soak');
  const target = await startSpanwise({ dataDir, measuresDisk: false });
  const samples: Sample[] = [];
  let isOver = false;
  const load = runLoad({
    endpoint: target.otlpHttp,
    protocol: 'http',
    isCompressed: false,
    workload: 'agent',
    connections: 8,
    seconds: minutes * 60,
    rate,
  }).finally(() => {
    isOver = true;
  });
  const start = performance.now();
  for (let cpu = cpuSecondsOf(target.pids()), at = start; !isOver; ) {
    await delay(Math.min(30_000, (minutes * 60_000) / 10));
    const now = performance.now();
    const used = cpuSecondsOf(target.pids());
    const { rssMebibytes, pssMebibytes } = memoryOf(target.pids());
    samples.push({
      minute: rounded((now - start) / 60_000),
      rss: rssMebibytes,
      pss: pssMebibytes,
      cpuPercent: Math.round(((used - cpu) * 100_000) / (now - at)),
      spoolMebibytes: await spoolMebibytesOf(target.query),
      parts: partsIn(dataDir),
    });
    [cpu, at] = [used, now];
    say(JSON.stringify(samples.at(-1)));
  }
  const result = await load;
  await untilQuiet(target);
  const stored = await storedSpans(target.query, minutes);
  await target.stop();
  rmSync(dataDir, { recursive: true });
  // The first third fills caches and compiles code.
  const settled = samples.slice(Math.floor(samples.length / 3));
  report(
    `soak, ${minutes} minutes at ${rate} spans/s`,
    before,
    [
      {
        acknowledged: result.spans,
        stored,
        failed: result.failed,
        'p50 ms': result.p50Millis,
        'p99 ms': result.p99Millis,
        'highest RSS MiB': Math.max(...samples.map(({ rss }) => rss)),
        'RSS slope MiB/h': Math.round(slopePerMinute(settled, ({ rss }) => rss) * 60),
        'PSS slope MiB/h': Math.round(slopePerMinute(settled, ({ pss }) => pss) * 60),
        'CPU, % of a core': Math.round(
          samples.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0) / samples.length,
        ),
        'highest spool MiB': Math.max(...samples.map(({ spoolMebibytes }) => spoolMebibytes)),
        'parts, middle to end': `${samples[Math.floor(samples.length / 2)]!.parts} to ${samples.at(-1)!.parts}`,
      },
    ],
    values.json,
  );
  if (stored !== result.spans) {
    say(`${result.spans} spans were acknowledged, but ${stored} are stored`);
    process.exitCode = 1;
  }
}

/** Least squares. */
function slopePerMinute(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const meanMinute = samples.reduce((sum, { minute }) => sum + minute, 0) / samples.length;
  const mean = samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const over = samples.reduce((sum, sample) => sum + (sample.minute - meanMinute) * (of(sample) - mean), 0);
  const under = samples.reduce((sum, { minute }) => sum + (minute - meanMinute) ** 2, 0);
  return over / under;
}

async function spoolMebibytesOf(query: string): Promise<number> {
  const { spool } = (await (await fetch(`${query}/api/v1/status`)).json()) as {
    readonly spool: { readonly bytes: number };
  };
  return rounded(spool.bytes / 2 ** 20);
}

/** Each part has a file of its checksums. Folders come and go while we look. */
function partsIn(folder: string): number {
  let parts = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) parts += partsIn(join(folder, entry.name));
      else if (entry.name === 'checksums.txt') parts += 1;
    }
  } catch {
    // Merged away.
  }
  return parts;
}

/** By the series, which are exact. */
async function storedSpans(query: string, minutes: number): Promise<number> {
  const response = await fetch(`${query}/api/v1/stats?by=service&lookback=${minutes + 60}m`);
  const { rows } = (await response.json()) as { readonly rows: readonly { readonly spanCount: number }[] };
  return rows.reduce((sum, { spanCount }) => sum + spanCount, 0);
}
