/**
 * How long an export of 512 spans keeps the event loop: `node bench/export-slices.ts`.
 * Bare OpenTelemetry's batch processor with its OTLP exporter and ours take turns in one process. A ticker runs
 * in every turn of the event loop; the longest gap between two ticks, from the end of the last span until the
 * receiver has answered, is the figure of a round. The receiver is a thread of its own.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { createSpanProcessor } from '@spanwise/sdk';

const SPANS = 512;
const WARM_UP_ROUNDS = 20;
const ROUNDS = 60;
const ATTRIBUTES = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`app.attribute_${index}`, `value ${index} of some length`]),
);

if (isMainThread) await runBench();
else startSink();

function startSink(): void {
  const server = createServer((request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
}

async function runBench(): Promise<void> {
  const sink = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => sink.once('message', resolve));
  const endpoint = `http://127.0.0.1:${port}`;
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, compression: 'gzip' as never });
  // One more than a batch, so that the batch leaves when the round says so and not while spans are made.
  const limits = { maxQueueSize: 2048, maxExportBatchSize: SPANS + 1, scheduledDelayMillis: 3_600_000 };
  const providers = {
    bare: new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ ...limits, exporter })] }),
    ours: new TracerProvider({
      spanProcessors: [createSpanProcessor({ endpoint, protocol: 'http/protobuf', batch: limits })],
    }),
  };
  const gaps = { bare: [] as number[], ours: [] as number[] };
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const who of ['bare', 'ours'] as const) {
      makeSpans(providers[who]);
      const gap = await longestGap(() => providers[who].forceFlush());
      if (round >= WARM_UP_ROUNDS) gaps[who].push(gap);
    }
  }
  await sink.terminate();
  console.log(
    `longest block of the event loop while ${SPANS} spans of 12 attributes leave, ${ROUNDS} rounds, ms`,
  );
  for (const [who, values] of Object.entries(gaps)) {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2);
    console.log(`${who}  p50 ${at(0.5)}  p90 ${at(0.9)}  max ${at(1)}`);
  }
}

function makeSpans(provider: TracerProvider): void {
  const tracer = provider.getTracer('bench');
  const root = tracer.startSpan('root');
  const parent = trace.setSpan(ROOT_CONTEXT, root);
  for (let index = 1; index < SPANS; index += 1)
    tracer.startSpan('span', { attributes: ATTRIBUTES }, parent).end();
  root.end();
}

async function longestGap(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let isOver = false;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(tick);
  };
  setImmediate(tick);
  await new Promise(setImmediate);
  await work();
  isOver = true;
  return longest;
}
