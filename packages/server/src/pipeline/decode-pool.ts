import { Worker } from 'node:worker_threads';
import type { Price } from '@spanwise/semconv/prices';
import type { Signal } from '@spanwise/store/rows';
import { limits } from '../limits.ts';
import type { ContentMode, DecodeRequest, DecodeResult, DecodeUnavailable } from './decode-result.ts';
import type { DecodeAnswer, DecodeJob } from './decode-worker.ts';
import type { RequestDecoderSettings } from './request-decoder.ts';

export interface DecodePoolSettings {
  /** Worker threads, at least 1. */
  readonly workers: number;
  readonly contentMode: ContentMode;
  /** For mode `hash`; without it, `hash` acts as `none`. */
  readonly contentKey?: Uint8Array;
  /** An operator's, which count before the listed ones. */
  readonly prices?: readonly Price[];
  /** How far back a start may lie: what retention would drop at once is rejected. */
  readonly retentionMillis: Readonly<Record<Signal, number>>;
}

/** Decodes requests on worker threads: never on the event loop that serves connections. */
export interface DecodePool {
  /** Never rejects: what goes wrong is a result. */
  decode(request: DecodeRequest): Promise<DecodeResult>;
  status(): DecodePoolStatus;
  /** Answers what waits with `unavailable`, ends the workers. Idempotent. */
  close(): Promise<void>;
}

export interface DecodePoolStatus {
  readonly workers: number;
  readonly queued: number;
  readonly running: number;
  readonly crashes: number;
}

/** The worker's entry. BUNDLING: the packing script rewrites this one line to the bundled `.js` file. */
const decodeWorker = new URL('./decode-worker.ts', import.meta.url);

/** A worker that dies before it has answered anything is started again after a while, not at once. */
const firstRestartMillis = 100;
const longestRestartMillis = 5_000;

/** google.rpc.Code. */
const internal = 13;

/** `entry`: for tests, a worker of theirs. */
export function createDecodePool(settings: DecodePoolSettings, entry = decodeWorker): DecodePool {
  return new WorkerPool(settings, entry);
}

interface Task {
  readonly request: DecodeRequest;
  readonly resolve: (result: DecodeResult) => void;
}

interface Slot {
  /** Absent between a crash and the next start. */
  worker: Worker | undefined;
  task: Task | undefined;
  /** Crashes since the last answer. */
  failures: number;
}

class WorkerPool implements DecodePool {
  readonly #entry: URL;
  readonly #workerData: RequestDecoderSettings;
  readonly #slots: readonly Slot[];
  readonly #queue: Task[] = [];
  readonly #restarts = new Set<NodeJS.Timeout>();
  #crashes = 0;
  #closed: Promise<void> | undefined;

  constructor(settings: DecodePoolSettings, entry: URL) {
    if (!Number.isInteger(settings.workers) || settings.workers < 1) {
      throw new RangeError('a decode pool needs at least one worker');
    }
    this.#entry = entry;
    this.#workerData = {
      contentMode: settings.contentMode,
      retentionMillis: settings.retentionMillis,
      ...(settings.contentKey !== undefined && { contentKey: settings.contentKey }),
      ...(settings.prices !== undefined && { prices: settings.prices }),
    };
    this.#slots = Array.from({ length: settings.workers }, () => ({
      worker: undefined,
      task: undefined,
      failures: 0,
    }));
    for (const slot of this.#slots) this.#start(slot);
  }

  decode(request: DecodeRequest): Promise<DecodeResult> {
    if (this.#closed !== undefined) return Promise.resolve(unavailable('closed', 'shutting down'));
    return new Promise((resolve) => {
      const task: Task = { request, resolve };
      const idle = this.#slots.find((slot) => slot.worker !== undefined && slot.task === undefined);
      if (idle !== undefined) this.#run(idle, task);
      else if (this.#queue.length < limits.decodeQueue.value) this.#queue.push(task);
      else resolve(unavailable('decode_queue_full', 'too many requests wait to be decoded'));
    });
  }

  status(): DecodePoolStatus {
    return {
      workers: this.#slots.length,
      queued: this.#queue.length,
      running: this.#slots.filter((slot) => slot.task !== undefined).length,
      crashes: this.#crashes,
    };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const restart of this.#restarts) clearTimeout(restart);
    const waiting = this.#queue.splice(0);
    for (const slot of this.#slots) if (slot.task !== undefined) waiting.push(slot.task);
    for (const task of waiting) task.resolve(unavailable('closed', 'shutting down'));
    await Promise.all(this.#slots.map((slot) => slot.worker?.terminate()));
  }

  #start(slot: Slot): void {
    const worker = new Worker(this.#entry, { workerData: this.#workerData, name: 'decode' });
    slot.worker = worker;
    worker.on('message', ({ result }: DecodeAnswer) => {
      const task = slot.task;
      slot.task = undefined;
      slot.failures = 0;
      task?.resolve(result);
      this.#runNext(slot);
    });
    // The exit follows an error in every case; without a listener the error would end the process.
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (this.#closed === undefined) this.#replace(slot);
    });
    this.#runNext(slot);
  }

  /** What the dead worker had in hand is the sender's to send again; a new one takes its place. */
  #replace(slot: Slot): void {
    this.#crashes += 1;
    const { task, failures } = slot;
    slot.worker = undefined;
    slot.task = undefined;
    slot.failures += 1;
    task?.resolve(unavailable('decode_worker_crashed', 'the decoder was restarted'));
    if (failures === 0) {
      this.#start(slot);
      return;
    }
    const delay = Math.min(firstRestartMillis * 2 ** (failures - 1), longestRestartMillis);
    const restart = setTimeout(() => {
      this.#restarts.delete(restart);
      this.#start(slot);
    }, delay);
    this.#restarts.add(restart);
  }

  #runNext(slot: Slot): void {
    const next = this.#queue.shift();
    if (next !== undefined) this.#run(slot, next);
  }

  #run(slot: Slot, task: Task): void {
    const { request } = task;
    slot.task = task;
    try {
      // A view of a larger buffer (a socket's, say) must not take that along: only a body that owns its memory moves.
      const owns = request.body.byteLength === request.body.buffer.byteLength;
      const body = owns ? request.body : new Uint8Array(request.body);
      const job: DecodeJob = { request: { ...request, body } };
      slot.worker?.postMessage(job, [body.buffer as ArrayBuffer]);
    } catch {
      // A body that somebody else has transferred before: a fault of ours, which a repeat would not cure.
      slot.task = undefined;
      task.resolve({ kind: 'invalid', code: internal, message: 'internal error before decoding' });
      this.#runNext(slot);
    }
  }
}

function unavailable(reason: DecodeUnavailable['reason'], message: string): DecodeUnavailable {
  return { kind: 'unavailable', reason, message };
}
