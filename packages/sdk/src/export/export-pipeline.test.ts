import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  SeverityNumber,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogPipeline, createSpanPipeline } from './export-pipeline.ts';
import { LossReport } from './loss-report.ts';
import { type OtlpEncoding, spanEncoding } from './otlp-encoding.ts';
import type { OtlpTransport, SendOutcome } from './otlp-transport.ts';
import { LOSS_EVENT } from './self-report.ts';

const AWAY: SendOutcome = { status: 'retryable', reason: '14 UNAVAILABLE' };
const REFUSED: SendOutcome = { status: 'refused', reason: '3 INVALID_ARGUMENT' };
const ACCEPTED: SendOutcome = { status: 'accepted', answer: new Uint8Array() };
const LIMITS = {
  maxQueueSize: 4,
  maxQueueBytes: 1_000_000,
  maxExportBatchSize: 4,
  scheduledDelayMillis: 60_000,
  exportTimeoutMillis: 30_000,
};

/** Names instead of OTLP, so that a test can read what was sent. An answer is the number of rejected spans. */
const NAMES: OtlpEncoding<ReadableSpan> = {
  encode: (spans) => Buffer.from(spans.map(({ name }) => name).join(' ')),
  join: (requests) => Buffer.from(requests.map(String).join(' ')),
  countRejected: (answer) => Number(String(answer)),
};

/** The backend, which is the edge we cannot own: it answers in turn with what it is given, then takes everything. */
class Backend implements OtlpTransport {
  readonly attempts: string[] = [];
  readonly #outcomes: SendOutcome[];
  /** Settles all later attempts; absent: they settle at once. */
  silence: Promise<SendOutcome> | undefined;
  #giveUp: ((outcome: SendOutcome) => void) | undefined;

  constructor(...outcomes: SendOutcome[]) {
    this.#outcomes = outcomes;
  }

  becomeSilent(): void {
    const answer = Promise.withResolvers<SendOutcome>();
    this.silence = answer.promise;
    this.#giveUp = answer.resolve;
  }

  async send(request: Uint8Array): Promise<SendOutcome> {
    this.attempts.push(String(request));
    return this.silence ?? this.#outcomes.shift() ?? ACCEPTED;
  }

  close(): void {
    this.#giveUp?.(AWAY);
  }
}

const warnings: string[] = [];
beforeEach(() => {
  vi.useFakeTimers();
  warnings.length = 0;
  const ignore = () => {};
  const warn = (message: string) => warnings.push(message);
  diag.setLogger(
    { warn, error: warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});
afterEach(() => vi.useRealTimers());

function start(backend: Backend, limits = LIMITS, encoding = NAMES) {
  const pipeline = createSpanPipeline({
    encoding,
    transport: backend,
    limits,
    losses: new LossReport(),
    shutdownTimeoutMillis: 2000,
  });
  const tracer = new TracerProvider({ spanProcessors: [pipeline.processor] }).getTracer('t');
  const endBelowRoot = (root: string, children: readonly string[]) =>
    tracer.startActiveSpan(root, (span) => {
      for (const name of children) {
        // The stack context manager of the tests is none, so the parent is said explicitly.
        const child = tracer.startSpan(name, {}, contextOf(span));
        if (name.startsWith('failed')) child.setStatus({ code: SpanStatusCode.ERROR });
        child.end();
      }
      return span;
    });
  return {
    pipeline,
    tracer,
    endBelowRoot,
    end: (...names: string[]) => names.forEach((name) => void tracer.startSpan(name).end()),
  };
}

const contextOf = (span: Span) => trace.setSpan(ROOT_CONTEXT, span);

describe('the queue', () => {
  it('waits for company, and a full batch leaves in the next turn of the event loop', async () => {
    const backend = new Backend();
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    expect(backend.attempts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    end('e', 'f', 'g');
    await vi.advanceTimersByTimeAsync(1);
    expect(pipeline.counts()).toEqual({ exported: 4, queued: 3, dropped: 0, failed: 0, lost: {} });
    expect(backend.attempts).toEqual(['a b c d']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(backend.attempts).toEqual(['a b c d', 'e f g']);
  });

  it('stays bounded while the backend does not answer', async () => {
    const backend = new Backend();
    backend.becomeSilent();
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(1);
    for (let index = 0; index < 1000; index += 1) end(`span ${index}`);
    const { queued, dropped, exported, lost } = pipeline.counts();
    expect({ queued, dropped, exported, lost }).toEqual({
      queued: 4,
      dropped: 996,
      exported: 0,
      lost: { queue_full: 996 },
    });
    expect(warnings.filter((line) => line.includes('the export queue is full'))).toHaveLength(1);
  });

  it('drops the oldest ordinary spans, and errors and roots only when nothing else is left', async () => {
    const backend = new Backend();
    backend.becomeSilent();
    const { endBelowRoot } = start(backend, { ...LIMITS, maxExportBatchSize: 100, maxQueueSize: 5 });
    endBelowRoot('root', ['old', 'failed tool', 'middle', 'newer', 'newest', 'last']).end();
    backend.silence = undefined;
    await vi.advanceTimersByTimeAsync(60_001);
    expect(backend.attempts).toEqual(['failed tool root newer newest last']);
  });

  it('is bounded by bytes as well', async () => {
    const backend = new Backend();
    const { pipeline, end } = start(backend, { ...LIMITS, maxQueueBytes: 1000 });
    end('x'.repeat(600), 'y'.repeat(600), 'z'.repeat(2000));
    expect(pipeline.counts()).toMatchObject({ queued: 1, lost: { queue_full: 1, too_large: 1 } });
  });
});

it('log records have the same bounds: the oldest ordinary goes before errors and what tells of losses', async () => {
  const backend = new Backend();
  const bodies: OtlpEncoding<ReadableLogRecord> = {
    ...NAMES,
    encode: (records) => Buffer.from(records.map(({ body }) => body).join(' ')),
  };
  const pipeline = createLogPipeline({
    encoding: bodies,
    transport: backend,
    limits: { ...LIMITS, maxExportBatchSize: 100, maxQueueBytes: 1000 },
    losses: new LossReport(),
    shutdownTimeoutMillis: 2000,
  });
  const logger = new LoggerProvider({ processors: [pipeline.processor] }).getLogger('t');
  logger.emit({ body: 'failed', severityNumber: SeverityNumber.ERROR });
  logger.emit({ body: 'losses', eventName: LOSS_EVENT, severityNumber: SeverityNumber.WARN });
  for (let index = 0; index < 10; index += 1) logger.emit({ body: `line-${index}` });
  logger.emit({ body: 'x'.repeat(2000) });
  expect(pipeline.counts()).toMatchObject({ queued: 4, lost: { queue_full: 8, too_large: 1 } });
  await vi.advanceTimersByTimeAsync(60_001);
  expect(backend.attempts).toEqual(['failed losses line-8 line-9']);
  logger.emit({ body: 'x'.repeat(700) });
  logger.emit({ body: 'y'.repeat(700) });
  expect(pipeline.counts()).toMatchObject({ queued: 1, lost: { queue_full: 9 } });
});

describe('content', () => {
  /** Attributes instead of OTLP. */
  const ATTRIBUTES: OtlpEncoding<ReadableSpan> = {
    ...NAMES,
    encode: (spans) => Buffer.from(spans.map(({ attributes }) => JSON.stringify(attributes)).join(' ')),
  };

  function endWithPrompt(pipeline: ReturnType<typeof start>['pipeline'], prompt: string): void {
    const tracer = new TracerProvider({ spanProcessors: [pipeline.processor] }).getTracer('t');
    tracer.startSpan('chat', { attributes: { 'gen_ai.prompt': prompt, 'http.route': '/chat' } }).end();
  }

  it.each([
    ['short', 'canary'],
    ['long', 'canary'.repeat(2000)],
  ])('that is %s leaves with no span', async (_, prompt) => {
    const backend = new Backend();
    const { pipeline } = start(backend, LIMITS, ATTRIBUTES);
    endWithPrompt(pipeline, prompt);
    await vi.advanceTimersByTimeAsync(60_001);
    expect(backend.attempts).toEqual(['{"http.route":"/chat"}']);
  });

  it('does not fill the queue, since it will not leave', () => {
    const { pipeline } = start(new Backend(), { ...LIMITS, maxQueueBytes: 5000 });
    for (let index = 0; index < 4; index += 1) endWithPrompt(pipeline, 'canary'.repeat(2000));
    expect(pipeline.counts()).toMatchObject({ queued: 4, lost: {} });
  });
});

describe('a batch', () => {
  it('is sent again when the backend was briefly away', async () => {
    const backend = new Backend(AWAY, AWAY);
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(backend.attempts).toHaveLength(3);
    expect(pipeline.counts()).toMatchObject({ exported: 4, failed: 0 });
    expect(warnings).toEqual([]);
  });

  it('waits as long as the backend asks, and so does the next one', async () => {
    const backend = new Backend({ ...AWAY, retryAfterMillis: 8000 }, { ...AWAY, retryAfterMillis: 40_000 });
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(7900);
    expect(backend.attempts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(backend.attempts).toHaveLength(2);
    expect(pipeline.counts().lost).toEqual({ unreachable: 4 });
    end('e', 'f', 'g', 'h');
    await vi.advanceTimersByTimeAsync(39_000);
    expect(backend.attempts).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(backend.attempts).toEqual(['a b c d', 'a b c d', 'e f g h']);
  });

  it('is given up when the backend stays away; ten minutes of that are at most eleven lines', async () => {
    const backend = new Backend(...Array<SendOutcome>(1000).fill(AWAY));
    const { pipeline, end } = start(backend);
    for (let second = 0; second < 600; second += 1) {
      end('a', 'b');
      await vi.advanceTimersByTimeAsync(1000);
    }
    const { queued, dropped, failed, exported } = pipeline.counts();
    expect({ exported, all: queued + dropped + failed >= 1196 }).toEqual({ exported: 0, all: true });
    expect(queued).toBeLessThanOrEqual(4);
    expect(warnings.length).toBeGreaterThan(5);
    expect(warnings.length).toBeLessThanOrEqual(11);
    expect(warnings[0]).toMatch(/^Spanwise: \d+ spans lost: /);
  });

  it('does not pile up while the backend is away for ten minutes: memory is flat', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const backend = new Backend(...Array<SendOutcome>(1000).fill(AWAY));
    const limits = { ...LIMITS, maxQueueSize: 2048, maxExportBatchSize: 512, scheduledDelayMillis: 1000 };
    const { pipeline, tracer } = start(backend, limits, spanEncoding('http/protobuf'));
    const attributes = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`key ${index}`, 'value']),
    );
    const heapBytes: number[] = [];
    let ended = 0;
    for (let minute = 0; minute < 10; minute += 1) {
      for (let second = 0; second < 60; second += 1) {
        for (let index = 0; index < 50; index += 1) tracer.startSpan('GET /', { attributes }).end();
        ended += 50;
        await vi.advanceTimersByTimeAsync(1000);
      }
      // What the backend was asked to take is kept by the test alone.
      backend.attempts.length = 0;
      collectGarbage();
      heapBytes.push(process.memoryUsage().heapUsed);
    }
    const { queued, exported, dropped, failed } = pipeline.counts();
    expect(exported).toBe(0);
    expect(queued).toBeLessThanOrEqual(2048);
    // All are accounted for, but the batch that is under way.
    expect(ended - queued - dropped - failed).toBeLessThanOrEqual(512);
    // After the second minute the queue is full. 24,000 further spans would be tens of megabytes.
    expect((heapBytes.at(-1) ?? 0) - (heapBytes[1] ?? 0)).toBeLessThan(2 * 1024 * 1024);
    expect(warnings.length).toBeLessThanOrEqual(11);
  });

  it('that the backend refuses is not sent again', async () => {
    const backend = new Backend(REFUSED);
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(backend.attempts).toHaveLength(1);
    expect(pipeline.counts().lost).toEqual({ refused: 4 });
  });

  it('of which the backend rejects a part is counted as it says', async () => {
    const { pipeline, end } = start(new Backend({ status: 'accepted', answer: Buffer.from('3') }));
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(1);
    expect(pipeline.counts()).toMatchObject({ exported: 1, failed: 3, lost: { rejected: 3 } });
  });
});

describe('the end', () => {
  it('gives each batch one last attempt, without waiting', async () => {
    const backend = new Backend(...Array<SendOutcome>(20).fill(AWAY));
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(1);
    end('e');
    const closed = pipeline.processor.shutdown();
    await vi.advanceTimersByTimeAsync(10);
    await closed;
    expect(backend.attempts.slice(1)).toEqual(['a b c d', 'e']);
    expect(pipeline.counts()).toMatchObject({ exported: 0, queued: 0, lost: { unreachable: 5 } });
  });

  it('comes at the deadline though the backend is silent, and counts what stays behind', async () => {
    const backend = new Backend();
    backend.becomeSilent();
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(1);
    end('e', 'f');
    let isClosed = false;
    void pipeline.processor.shutdown().then(() => {
      isClosed = true;
    });
    await vi.advanceTimersByTimeAsync(1999);
    expect(isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(isClosed).toBe(true);
    end('late');
    expect(pipeline.counts()).toMatchObject({
      exported: 0,
      queued: 0,
      lost: { unreachable: 4, shutdown: 3 },
    });
  });
});
