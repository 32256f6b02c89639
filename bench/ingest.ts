import { parseArgs } from 'node:util';
import type { Load, Workload } from './load/generator.ts';
import { probeSearchable } from './load/probe.ts';
import { runLoad } from './load/run-load.ts';
import type { Protocol } from './load/senders.ts';
import { rounded } from './measure/percentile.ts';
import { cpuSecondsOf, watchMemory } from './measure/process-usage.ts';
import { machine, report, say } from './measure/report.ts';
import { untilQuiet } from './measure/until-quiet.ts';
import { startJaeger } from './targets/jaeger.ts';
import { startSpanwise } from './targets/spanwise.ts';
import type { StartTarget, Target } from './targets/target.ts';

const help = `npm run bench:ingest -- [options]

OTLP over loopback from a generator on the same machine, each backend and case with an empty folder: first as fast
as answers come, then at half that rate, where latency and the time until a trace can be found are measured.

  --seconds N         of each of the two loads (default 20)
  --peer-binary FILE  a Jaeger v2, for its memory and badger stores beside us in the same run
  --cases LIST        of http,grpc,http+gzip,grpc+gzip,jaeger-workload (default: all)
  --json FILE         the table as JSON`;

interface Case {
  readonly protocol: Protocol;
  readonly isCompressed: boolean;
  readonly workload: Workload;
}

const cases: Readonly<Record<string, Case>> = {
  http: { protocol: 'http', isCompressed: false, workload: 'agent' },
  grpc: { protocol: 'grpc', isCompressed: false, workload: 'agent' },
  'http+gzip': { protocol: 'http', isCompressed: true, workload: 'agent' },
  'grpc+gzip': { protocol: 'grpc', isCompressed: true, workload: 'agent' },
  'jaeger-workload': { protocol: 'http', isCompressed: false, workload: 'jaeger' },
};

const connections = 8;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    'peer-binary': { type: 'string' },
    cases: { type: 'string', default: Object.keys(cases).join(',') },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(help);
else await main(Number(values.seconds), values['peer-binary']);

async function main(seconds: number, peer: string | undefined): Promise<void> {
  const before = machine();
  const starts: StartTarget[] = [() => startSpanwise()];
  if (peer !== undefined) {
    starts.push(
      () => startJaeger(peer, 'memory'),
      () => startJaeger(peer, 'badger'),
    );
  }
  const rows: object[] = [];
  for (const name of values.cases.split(',')) {
    const one = cases[name];
    if (one === undefined) throw new Error(`--cases: ${name} is none of ${Object.keys(cases).join(', ')}`);
    for (const start of starts) rows.push({ case: name, ...(await measure(await start(), one, seconds)) });
  }
  report('ingest', before, rows, values.json);
}

async function measure(target: Target, one: Case, seconds: number): Promise<object> {
  say(`${target.name}: ${one.protocol}${one.isCompressed ? '+gzip' : ''}, ${one.workload} workload`);
  const load: Load = {
    ...one,
    endpoint: one.protocol === 'http' ? target.otlpHttp : target.otlpGrpc,
    connections,
    seconds,
  };
  // Compiles what runs often, in both processes; its spans count for the size on disk.
  const warm = await runLoad({ ...load, seconds: 3 });
  const peak = watchMemory(() => target.pids());
  const cpuBefore = cpuSecondsOf(target.pids());
  const full = await runLoad(load);
  const cpuAtEnd = cpuSecondsOf(target.pids());
  await untilQuiet(target);
  const cpuQuiet = cpuSecondsOf(target.pids());
  say(`  ${full.spansPerSecond.toLocaleString('en')} spans/s; now half of it`);
  const enough = new AbortController();
  const probing = probeSearchable(target, enough.signal);
  const half = await runLoad({ ...load, rate: full.spansPerSecond / 2 });
  enough.abort();
  const searchable = await probing;
  await untilQuiet(target);
  const memory = peak();
  const disk = await target.stop();
  const spans = warm.spans + full.spans + half.spans;
  const perMillion = (cpu: number) => rounded((cpu / full.spans) * 1e6);
  return {
    target: target.name,
    'spans/s': full.spansPerSecond,
    failed: full.failed + half.failed,
    'p50 ms': full.p50Millis,
    'p99 ms': full.p99Millis,
    'half: p50 ms': half.p50Millis,
    'half: p99 ms': half.p99Millis,
    'searchable p50 ms': searchable.p50Millis,
    'searchable p99 ms': searchable.p99Millis,
    probes: searchable.probes,
    'CPU s/M spans': perMillion(cpuAtEnd - cpuBefore),
    'CPU s/M, settled': perMillion(cpuQuiet - cpuBefore),
    'peak RSS MiB': memory.rssMebibytes,
    'peak PSS MiB': memory.pssMebibytes,
    'bytes/span sent': full.bytesPerSpan,
    'bytes/span on disk': disk === undefined ? undefined : rounded(disk.bytes / spans),
    spans,
    tables: disk?.byTable,
  };
}
