import { parentPort, workerData } from 'node:worker_threads';
import { longestInput, mutateBytes } from './mutate-bytes.ts';
import { Random } from './random.ts';
import { createTargets, execute, readCorpus, type Seed } from './targets.ts';

/** What the main thread sends at the start. */
export interface FuzzJob {
  readonly seed: number;
  readonly executions: number;
  /** What is being executed, for the main thread to keep when the worker hangs: see `writeCurrent`. */
  readonly current: SharedArrayBuffer;
}

export type FuzzMessage =
  | {
      readonly kind: 'progress' | 'end';
      readonly executions: number;
      readonly kept: number;
      readonly slowestMillis: number;
    }
  | { readonly kind: 'finding'; readonly message: string };

/** Inputs that did something new are kept up to this many. */
const keptInputs = 4_000;

const { seed, executions, current } = workerData as FuzzJob;
const port = parentPort!;
const header = new Uint32Array(current, 0, 4);
const input = new Uint8Array(current, 16);
const targets = createTargets();
const corpus: Seed[] = [...readCorpus()];
const behaviours = new Set<string>();
const random = new Random(seed);
let slowestMillis = 0;

for (let execution = 0; execution < executions; execution += 1) {
  const parent = random.of(corpus);
  const other = random.of(corpus);
  const mode = random.below(targets.length);
  const bytes = mutateBytes(parent.bytes, other.bytes, parent.encoding !== 'protobuf', random);
  writeCurrent(execution, parent, mode, bytes);
  const start = performance.now();
  try {
    const behaviour = execute(targets[mode]!, { ...parent, bytes }, execution % 16 === 0);
    if (!behaviours.has(behaviour) && corpus.length < keptInputs && bytes.length > 0) {
      behaviours.add(behaviour);
      corpus.push({ ...parent, name: `${execution}`, bytes: Buffer.from(bytes) });
    }
  } catch (error) {
    const message = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    port.postMessage({ kind: 'finding', message } satisfies FuzzMessage);
    break;
  }
  slowestMillis = Math.max(slowestMillis, performance.now() - start);
  if (execution % 10_000 === 0) report('progress', execution);
}
report('end', header[0]! + 1);

function report(kind: 'progress' | 'end', done: number): void {
  port.postMessage({ kind, executions: done, kept: corpus.length, slowestMillis } satisfies FuzzMessage);
}

/** Execution, length of the input, mode, and which encoding: then the input itself. */
function writeCurrent(execution: number, { signal, encoding }: Seed, mode: number, bytes: Buffer): void {
  input.set(bytes.subarray(0, longestInput));
  header[1] = bytes.length;
  header[2] = mode;
  header[3] = encoding === 'zipkin' ? 4 : (signal === 'logs' ? 1 : 0) + (encoding === 'json' ? 2 : 0);
  Atomics.store(header, 0, execution);
}
