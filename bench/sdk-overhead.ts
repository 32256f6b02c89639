/**
 * What a span costs the service that makes it: `node bench/sdk-overhead.ts [rounds]`.
 * Bare OpenTelemetry of the same version and ours take turns in short rounds in one process, and the figure is
 * the CPU time of the thread that makes the spans, so that other work on the machine disturbs little. The
 * receiver is a thread of its own that throws everything away. Four questions:
 *
 * - start to end of a span with 10 attributes, made through the OpenTelemetry API: our gate and queue;
 * - the same span by `traced.llm`;
 * - gate and serialising of 512 ended spans, beside the bare exporter's serialising;
 * - all of it until the receiver has answered, compression and sending included.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { context, type Tracer, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { BatchSpanProcessor, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { createSpanProcessor, traced } from '@spanwise/sdk';
import { behindGate } from '../packages/sdk/src/export/export-pipeline.ts';
import { encodeInSlices, spanEncoding } from '../packages/sdk/src/export/otlp-encoding.ts';
import { medianWithInterval, pairedRatio, withInterval } from './measure/paired-ratio.ts';
import { machine, report } from './measure/report.ts';

const WARM_UP_ROUNDS = 30;
/** The kernel may count a thread's time in steps of some milliseconds: rounds are longer than that. */
const SPANS_PER_ROUND = 5_000;
const BATCHES_PER_ROUND = 10;
const BATCH = 512;
const LIMITS = { maxQueueSize: 100_000, maxExportBatchSize: BATCH, scheduledDelayMillis: 3_600_000 };

/** A round of work; `measured` runs the part that counts. */
type Round = (measured: (work: () => void | Promise<void>) => Promise<void>) => Promise<void>;

if (isMainThread) await runBench(Number(process.argv[2] ?? 60));
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

async function runBench(rounds: number): Promise<void> {
  const before = machine();
  const sink = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => sink.once('message', resolve));
  const endpoint = `http://127.0.0.1:${port}`;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, compression: 'gzip' as never });
  const bare = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ ...LIMITS, exporter })] });
  const processor = createSpanProcessor({ endpoint, protocol: 'http/protobuf', batch: LIMITS });
  const ours = new TracerProvider({ spanProcessors: [processor] });
  trace.setGlobalTracerProvider(ours);
  const bareTracer = bare.getTracer('bench');
  const ourTracer = ours.getTracer('bench');

  const making = (make: () => void, flush: () => Promise<void>, isFlushMeasured: boolean): Round => {
    const makeAll = () => {
      for (let index = 0; index < SPANS_PER_ROUND; index += 1) make();
    };
    return async (measured) => {
      if (isFlushMeasured) {
        await measured(async () => {
          makeAll();
          await flush();
        });
      } else {
        await measured(makeAll);
        await flush();
      }
    };
  };
  const flushBare = () => bare.forceFlush();
  const flushOurs = () => ours.forceFlush();
  const bareSpan = () => makeSpan(bareTracer);

  const ended = await endedSpans(BATCH);
  const encoding = behindGate(spanEncoding('http/protobuf'));
  const rows = [
    await compare('start to end, OpenTelemetry API', rounds, SPANS_PER_ROUND, {
      theirs: making(bareSpan, flushBare, false),
      ours: making(() => makeSpan(ourTracer), flushOurs, false),
    }),
    await compare('start to end, traced.llm', rounds, SPANS_PER_ROUND, {
      theirs: making(bareSpan, flushBare, false),
      ours: making(makeModelSpan, flushOurs, false),
    }),
    await compare('gate and serialising', rounds, BATCH * BATCHES_PER_ROUND, {
      theirs: (measured) =>
        measured(() => {
          for (let batch = 0; batch < BATCHES_PER_ROUND; batch += 1) {
            ProtobufTraceSerializer.serializeRequest(ended);
          }
        }),
      ours: (measured) =>
        measured(async () => {
          for (let batch = 0; batch < BATCHES_PER_ROUND; batch += 1) await encodeInSlices(encoding, ended);
        }),
    }),
    await compare('all, until answered, OpenTelemetry API', rounds, SPANS_PER_ROUND, {
      theirs: making(bareSpan, flushBare, true),
      ours: making(() => makeSpan(ourTracer), flushOurs, true),
    }),
    await compare('all, until answered, traced.llm', rounds, SPANS_PER_ROUND, {
      theirs: making(bareSpan, flushBare, true),
      ours: making(makeModelSpan, flushOurs, true),
    }),
  ];
  await Promise.all([bare.shutdown(), ours.shutdown()]);
  await sink.terminate();
  report(
    `sdk-overhead: CPU µs per span of 10 attributes, ${rounds} pairs of rounds`,
    before,
    rows,
    process.argv[3],
  );
}

async function compare(
  measure: string,
  rounds: number,
  spans: number,
  { theirs, ours }: { readonly theirs: Round; readonly ours: Round },
) {
  const times = { theirs: [] as number[], ours: [] as number[] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    // Who goes first changes, or one of the two would always pay for the other's garbage.
    const turns = [
      ['theirs', theirs],
      ['ours', ours],
    ] as const;
    for (const [who, run] of round % 2 === 0 ? turns : turns.toReversed()) {
      const micros = await threadMicros(run);
      if (round >= 0) times[who].push(micros / spans);
    }
  }
  return {
    measure,
    'bare OpenTelemetry': withInterval(medianWithInterval(times.theirs), 1),
    Spanwise: withInterval(medianWithInterval(times.ours), 1),
    ratio: withInterval(pairedRatio(times.ours, times.theirs)),
  };
}

/** CPU time of this thread in the measured part. */
async function threadMicros(run: Round): Promise<number> {
  let micros = Number.NaN;
  await run(async (work) => {
    const startedAt = process.threadCpuUsage();
    await work();
    const used = process.threadCpuUsage(startedAt);
    micros = used.user + used.system;
  });
  return micros;
}

/** Ten attributes, as a call to a model has them. */
function makeSpan(tracer: Tracer): void {
  tracer.startActiveSpan(
    'chat gpt-4o',
    {
      kind: 2,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.request.max_tokens': 500,
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

/** The same ten, and `gen_ai.response.tokens_per_second`, which `traced` works out. */
function makeModelSpan(): void {
  traced.llm(
    {
      model: 'gpt-4o',
      provider: 'openai',
      maxTokens: 500,
      serverAddress: 'api.openai.com',
      serverPort: 443,
    },
    (span) => {
      span.recordUsage({ inputTokens: 900, outputTokens: 120 });
      span.recordResponse({ model: 'gpt-4o-2026', finishReasons: ['stop'] });
    },
  );
}

async function endedSpans(count: number): Promise<ReadableSpan[]> {
  const spans: ReadableSpan[] = [];
  const provider = new TracerProvider({
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => void spans.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  for (let index = 0; index < count; index += 1) makeSpan(provider.getTracer('bench'));
  await provider.shutdown();
  return spans;
}
