import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSpanPipeline } from './export-pipeline.ts';
import type { BatchExporter } from './retrying-exporter.ts';

const UNAVAILABLE = Object.assign(new Error('14 UNAVAILABLE: connect ECONNREFUSED'), { code: 14 });
const INVALID_ARGUMENT = Object.assign(new Error('3 INVALID_ARGUMENT: bad span'), { code: 3 });
const LIMITS = {
  maxQueueSize: 4,
  maxExportBatchSize: 4,
  scheduledDelayMillis: 60_000,
  exportTimeoutMillis: 30_000,
};

/** The backend, which is the edge we cannot own: it answers in turn with what it is given, then with success. */
class Backend implements BatchExporter<ReadableSpan> {
  readonly attempts: string[][] = [];
  readonly #answers: ExportResult[];

  constructor(...failures: Error[]) {
    this.#answers = failures.map((error) => ({ code: ExportResultCode.FAILED, error }));
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.attempts.push(spans.map(({ name }) => name));
    done(this.#answers.shift() ?? { code: ExportResultCode.SUCCESS });
  }

  async shutdown(): Promise<void> {}
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

function start(backend: Backend) {
  const pipeline = createSpanPipeline(backend, LIMITS);
  const tracer = new TracerProvider({ spanProcessors: [pipeline.processor] }).getTracer('t');
  return {
    pipeline,
    end: (...names: string[]) => names.forEach((name) => void tracer.startSpan(name).end()),
  };
}

describe('the queue', () => {
  it('drops the newest when it is full, counts it and says so once a minute', async () => {
    const backend = new Backend();
    const { pipeline, end } = start(backend);
    // A full batch leaves for the backend at once; the next ones wait for the timer.
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(0);
    end('e', 'f', 'g');
    expect(pipeline.counts()).toEqual({ exported: 4, queued: 3, dropped: 0, failed: 0 });
    expect(backend.attempts).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('stays bounded while the backend does not answer', async () => {
    const backend = new Backend();
    backend.export = () => {};
    const { pipeline, end } = start(backend);
    for (let index = 0; index < 1000; index += 1) end(`span ${index}`);
    const { queued, dropped, exported } = pipeline.counts();
    expect({ queued, dropped, exported }).toEqual({ queued: 4, dropped: 992, exported: 0 });
    expect(warnings.filter((line) => line.includes('the export queue is full'))).toHaveLength(1);
  });
});

describe('a batch', () => {
  it('is sent again when the backend was briefly away', async () => {
    const backend = new Backend(UNAVAILABLE, UNAVAILABLE);
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(backend.attempts).toHaveLength(3);
    expect(pipeline.counts()).toEqual({ exported: 4, queued: 0, dropped: 0, failed: 0 });
    expect(warnings).toEqual([]);
  });

  it('is given up when the backend stays away, and counted and reported once', async () => {
    const backend = new Backend(...Array<Error>(20).fill(UNAVAILABLE));
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(30_000);
    end('e', 'f', 'g', 'h');
    await vi.advanceTimersByTimeAsync(29_000);
    expect(backend.attempts).toHaveLength(10);
    expect(pipeline.counts()).toEqual({ exported: 0, queued: 0, dropped: 0, failed: 8 });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('4 spans lost: 14 UNAVAILABLE');
  });

  it('that the backend refuses is not sent again', async () => {
    const backend = new Backend(INVALID_ARGUMENT);
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(backend.attempts).toHaveLength(1);
    expect(pipeline.counts().failed).toBe(4);
  });

  it('gets one last attempt when closing begins, without waiting', async () => {
    const backend = new Backend(...Array<Error>(20).fill(UNAVAILABLE));
    const { pipeline, end } = start(backend);
    end('a', 'b', 'c', 'd');
    await vi.advanceTimersByTimeAsync(0);
    end('e');
    pipeline.beginClosing();
    await pipeline.processor.shutdown();
    expect(backend.attempts.slice(1).sort()).toEqual([['a', 'b', 'c', 'd'], ['e']]);
    expect(pipeline.counts()).toEqual({ exported: 0, queued: 0, dropped: 0, failed: 5 });
  });
});
