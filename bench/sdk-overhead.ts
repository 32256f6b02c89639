/**
 * What a span costs the service that makes it: `node bench/sdk-overhead.ts [spans per round]`.
 * Bare OpenTelemetry and ours take turns in one process, with the same number of attributes and the same OTLP
 * exporter; the receiver is a thread of its own that throws everything away. The figure of a round is the wall
 * time of the event loop from the first span to the end of the flush, so it holds gate, queue and serialising.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { setupTracing, traced } from '@spanwise/sdk';

const ROUNDS = 9;
const LIMITS = { maxQueueSize: 1_000_000, maxExportBatchSize: 512, scheduledDelayMillis: 1000 };

if (isMainThread) await runBench(Number(process.argv[2] ?? 10_000));
else startSink();

/** Takes any request and forgets it. */
function startSink(): void {
  const server = createServer((request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
}

async function runBench(spansPerRound: number): Promise<void> {
  const sink = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => sink.once('message', resolve));
  const endpoint = `http://127.0.0.1:${port}`;

  const tracing = setupTracing('bench', { endpoint, protocol: 'http/protobuf', batch: LIMITS });
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, compression: 'gzip' as never });
  const bareProvider = new TracerProvider({
    spanProcessors: [new BatchSpanProcessor({ ...LIMITS, exporter })],
  });
  const bareTracer = bareProvider.getTracer('bench');

  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(
      await measure(
        spansPerRound,
        () => makeBareSpan(bareTracer),
        () => bareProvider.forceFlush(),
      ),
    );
    ours.push(await measure(spansPerRound, makeOurSpan, () => tracing.forceFlush()));
  }
  await sink.terminate();
  const { exported, dropped, failed } = tracing.exportCounts().spans;

  const ratio = median(ours) / median(bare);
  console.log(
    `spans per round ${spansPerRound}, rounds ${ROUNDS}, attributes 12; median (min to max) in µs per span`,
  );
  console.log(`bare OpenTelemetry  ${describe(bare)}`);
  console.log(`traced.llm          ${describe(ours)}`);
  console.log(
    `ratio ${ratio.toFixed(2)}; of ours: ${exported} exported, ${dropped} dropped, ${failed} failed`,
  );
  if (exported !== spansPerRound * ROUNDS) throw new Error('spans were lost, so the figures mean nothing');
  if (median(ours) >= 1000) throw new Error('a span costs 1 ms or more');
}

async function measure(count: number, makeSpan: () => void, flush: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) makeSpan();
  await flush();
  return ((performance.now() - startedAt) * 1000) / count;
}

function makeBareSpan(tracer: Tracer): void {
  tracer.startActiveSpan(
    'chat gpt-4o',
    {
      kind: 2,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.request.stream': false,
        'gen_ai.request.max_tokens': 500,
        'gen_ai.request.temperature': 0.2,
        'server.address': 'api.openai.com',
        'server.port': 443,
      },
    },
    (span) => {
      span.setAttribute('gen_ai.usage.input_tokens', 900);
      span.setAttribute('gen_ai.usage.output_tokens', 120);
      span.setAttribute('gen_ai.response.model', 'gpt-4o-2026');
      span.setAttribute('gen_ai.response.finish_reasons', ['stop']);
      span.end();
    },
  );
}

function makeOurSpan(): void {
  traced.llm(
    {
      model: 'gpt-4o',
      provider: 'openai',
      stream: false,
      maxTokens: 500,
      temperature: 0.2,
      serverAddress: 'api.openai.com',
      serverPort: 443,
    },
    (span) => {
      span.recordUsage({ inputTokens: 900, outputTokens: 120 });
      span.recordResponse({ model: 'gpt-4o-2026', finishReasons: ['stop'] });
    },
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function describe(values: readonly number[]): string {
  return `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;
}
