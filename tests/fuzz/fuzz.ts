import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { FuzzJob, FuzzMessage } from './fuzz-worker.ts';
import { longestInput } from './mutate-bytes.ts';
import { createTargets, execute, type Seed } from './targets.ts';

const help = `npm run fuzz -- [options]

Mutates captured requests (tests/fuzz/corpus) and decodes them as a worker of the server does.

  --executions N   how many inputs (default 100,000)
  --seed S         numbers come again with their seed (default: the time)
  --repeat FILE    only the input in FILE, as a finding names it

A finding ends the run with code 1 and is written to fuzz-findings/.`;

const kinds = ['spans-protobuf', 'logs-protobuf', 'spans-json', 'logs-json', 'spans-zipkin'] as const;

/** Without a finished execution for this long, an input hangs. The slowest takes milliseconds. */
const hangMillis = 20_000;

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 0x1_0000_0000) },
    repeat: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(help);
else if (values.repeat !== undefined) repeat(values.repeat);
else await fuzz(asCount('executions', values.executions), asCount('seed', values.seed));

function asCount(name: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new Error(`--${name}: ${text} is no number`);
  return Number(text);
}

async function fuzz(executions: number, seed: number): Promise<void> {
  const current = new SharedArrayBuffer(16 + longestInput);
  const header = new Uint32Array(current, 0, 4);
  const job: FuzzJob = { seed, executions, current };
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), { workerData: job });
  const start = performance.now();
  let peakBytes = 0;
  let last: Extract<FuzzMessage, { kind: 'progress' | 'end' }> | undefined;
  let finding: string | undefined;
  let [seenExecution, seenAt] = [-1, performance.now()];
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
    const execution = Atomics.load(header, 0);
    if (execution !== seenExecution) [seenExecution, seenAt] = [execution, performance.now()];
    else if (performance.now() - seenAt > hangMillis) {
      finding = `hangs: nothing for ${hangMillis} ms`;
      void worker.terminate();
    }
  }, 250);
  worker.on('message', (message: FuzzMessage) => {
    if (message.kind === 'finding') finding = message.message;
    else {
      last = message;
      if (process.stderr.isTTY) {
        process.stderr.write(
          `\r${message.executions.toLocaleString('en')} executions, ${message.kept} inputs kept `,
        );
      }
    }
  });
  worker.on('error', (error) => {
    finding ??= `the worker died: ${String(error)}`;
  });
  await new Promise((resolve) => worker.once('exit', resolve));
  clearInterval(watch);
  const seconds = (performance.now() - start) / 1_000;
  if (finding !== undefined) keep(finding, seed, header, new Uint8Array(current, 16));
  const done = finding === undefined ? (last?.executions ?? 0) : header[0]!;
  console.log(
    JSON.stringify({
      fuzz: 'request decoder',
      node: process.version,
      cpu: cpus()[0]?.model,
      seed,
      executions: done,
      executionsPerSecond: Math.round(done / seconds),
      findings: finding === undefined ? 0 : 1,
      inputsKept: last?.kept,
      slowestMillis: Math.round(last?.slowestMillis ?? 0),
      peakMebibytes: Math.round(peakBytes / 2 ** 20),
    }),
  );
}

/** The mode is part of the name: it says which decoder. */
function keep(message: string, seed: number, header: Uint32Array, input: Uint8Array): void {
  const [execution, length, mode, kind] = header;
  mkdirSync('fuzz-findings', { recursive: true });
  const file = `fuzz-findings/${kinds[kind!]}.${mode}.${seed}-${execution}`;
  writeFileSync(file, Buffer.from(input.subarray(0, length)));
  console.error(`\n${message}\n\nThe input: ${file}\nAgain:     npm run fuzz -- --repeat ${file}`);
  process.exitCode = 1;
}

function repeat(file: string): void {
  const [kind = '', mode = '0'] = file.split('/').at(-1)!.split('.');
  const [signal, encoding] = kind.split('-') as [Seed['signal'], Seed['encoding']];
  const bytes = readFileSync(file);
  console.log(execute(createTargets()[Number(mode)]!, { signal, encoding, bytes }, true));
}
