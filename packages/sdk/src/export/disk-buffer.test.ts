import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiskBuffer } from './disk-buffer.ts';
import { createSpanPipeline } from './export-pipeline.ts';
import { LossReport } from './loss-report.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';
import type { SendOutcome } from './otlp-transport.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'spanwise-sdk-buffer-'));
  folder = join(parent, 'of', 'the service');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(parent, { recursive: true });
});

const open = (more: Partial<ConstructorParameters<typeof DiskBuffer>[0]> = {}) =>
  new DiskBuffer({ folder, maxBytes: 1000, signal: 'spans', format: 'protobuf', ...more });
const textOf = (kept: { readonly request: Uint8Array } | undefined) =>
  kept && Buffer.from(kept.request).toString();

describe('the folder', () => {
  it('gives back what it holds, oldest first, to one taker each', async () => {
    const [one, other] = [open(), open()];
    for (const text of ['a', 'b', 'c']) await one.put(1, Buffer.from(text));
    const first = await one.take();
    expect([textOf(first), textOf(await other.take())]).toEqual(['a', 'b']);
    await first?.giveBack();
    const again = await other.take();
    expect(textOf(again)).toBe('a');
    await again?.discard();
    expect(textOf(await one.take())).toBe('c');
    expect(await one.take()).toBeUndefined();
  });

  it('takes over from a process that died while it sent', async () => {
    await open().put(1, Buffer.from('a'));
    await open().take();
    expect(await open().take()).toBeUndefined();
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 11 * 60_000);
    expect(textOf(await open().take())).toBe('a');
  });

  it('drops the oldest when it is full, whoever put it there, and says what', async () => {
    await open({ signal: 'log records' }).put(7, Buffer.alloc(400));
    await open().put(5, Buffer.alloc(400));
    expect(await open().put(3, Buffer.alloc(600))).toEqual([{ signal: 'log records', count: 7 }]);
    await expect(open().put(1, Buffer.alloc(1001))).rejects.toThrow(RangeError);
    expect((await open().take())?.count).toBe(5);
  });

  it('holds signals and formats apart, and lets other files be', async () => {
    await open({ format: 'json' }).put(1, Buffer.from('{}'));
    await open({ signal: 'log records' }).put(1, Buffer.from('log'));
    writeFileSync(join(folder, 'README'), 'not ours');
    expect(await open().take()).toBeUndefined();
    expect(textOf(await open({ format: 'json' }).take())).toBe('{}');
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('is for its owner only', async () => {
    await open().put(1, Buffer.from('a'));
    const [file = ''] = readdirSync(folder);
    expect([folder, join(folder, file)].map((path) => statSync(path).mode & 0o077)).toEqual([0, 0]);
  });
});

describe('a backend that is away', () => {
  /** Names instead of OTLP. */
  const NAMES: OtlpEncoding<ReadableSpan> = {
    encode: (spans) => Buffer.from(spans.map(({ name }) => name).join(' ')),
    join: (requests) => Buffer.from(requests.map(String).join(' ')),
    countRejected: () => 0,
  };
  const backend = {
    isAway: true,
    retryAfterMillis: undefined as number | undefined,
    attempts: 0,
    taken: [] as string[],
  };
  beforeEach(() =>
    Object.assign(backend, { isAway: true, retryAfterMillis: undefined, attempts: 0, taken: [] }),
  );
  const transport = {
    async send(request: Uint8Array): Promise<SendOutcome> {
      backend.attempts += 1;
      const { isAway, retryAfterMillis } = backend;
      if (isAway) return { status: 'retryable', reason: 'ECONNREFUSED', retryAfterMillis };
      backend.taken.push(String(request));
      return { status: 'accepted', answer: new Uint8Array() };
    },
    close() {},
  };

  function start() {
    const pipeline = createSpanPipeline({
      encoding: NAMES,
      transport,
      limits: {
        maxQueueSize: 8,
        maxQueueBytes: 1_000_000,
        maxExportBatchSize: 4,
        scheduledDelayMillis: 5,
        exportTimeoutMillis: 30_000,
      },
      losses: new LossReport(),
      shutdownTimeoutMillis: 500,
      diskBuffer: open(),
    });
    const tracer = new TracerProvider({ spanProcessors: [pipeline.processor] }).getTracer('t');
    return {
      pipeline,
      end: (...names: string[]) => names.forEach((name) => void tracer.startSpan(name).end()),
    };
  }
  const filesIn = () =>
    readdirSync(parent, { recursive: true }).filter((name) => String(name).includes('.spans.'));

  it('loses nothing, and gets all of it when it is back, oldest first', async () => {
    const { pipeline, end } = start();
    for (const [index, names] of [
      ['a', 'b', 'c', 'd'],
      ['e', 'f', 'g', 'h'],
      ['i', 'j', 'k', 'l'],
    ].entries()) {
      end(...names);
      await vi.waitFor(() => expect(filesIn()).toHaveLength(index + 1));
    }
    expect(pipeline.counts()).toEqual({ exported: 0, queued: 0, dropped: 0, failed: 0, lost: {} });
    backend.isAway = false;
    await vi.waitFor(() => expect(pipeline.counts().exported).toBe(12), { timeout: 5000 });
    expect(backend.taken).toEqual(['a b c d', 'e f g h', 'i j k l']);
    await vi.waitFor(() => expect(filesIn()).toEqual([]));
    await pipeline.processor.shutdown();
  });

  it('is left alone as long as it asks to be', async () => {
    backend.retryAfterMillis = 60_000;
    const { pipeline, end } = start();
    for (const count of [1, 2, 3]) {
      end('a', 'b', 'c', 'd');
      await vi.waitFor(() => expect(filesIn()).toHaveLength(count));
    }
    expect(backend.attempts).toBe(1);
    expect(pipeline.counts()).toMatchObject({ queued: 0, lost: {} });
    await pipeline.processor.shutdown();
  });

  it('gets what an earlier process left at its end, in order or not', async () => {
    const first = start();
    first.end('a', 'b');
    await first.pipeline.processor.shutdown();
    const second = start();
    second.end('c');
    second.pipeline.keepNow();
    expect([first, second].map(({ pipeline }) => pipeline.counts().lost)).toEqual([{}, {}]);
    expect(filesIn()).toHaveLength(2);
    backend.isAway = false;
    const third = start();
    await vi.waitFor(() => expect(backend.taken).toEqual(['a b', 'c']));
    await third.pipeline.processor.shutdown();
  });

  it('counts as lost what the disk does not take', async () => {
    writeFileSync(join(parent, 'of'), 'a file where the folder should be');
    const { pipeline, end } = start();
    end('a');
    await vi.waitFor(() => expect(pipeline.counts().lost).toEqual({ unreachable: 1 }));
    end('b');
    pipeline.keepNow();
  });
});
