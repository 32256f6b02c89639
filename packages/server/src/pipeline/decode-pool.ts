import { Worker } from 'node:worker_threads';
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
const workerUrl = new URL('./decode-worker.ts', import.meta.url);

export function createDecodePool(settings: DecodePoolSettings): DecodePool {
  return new WorkerPool(settings);
}

interface Task {
  readonly request: DecodeRequest;
  readonly resolve: (result: DecodeResult) => void;
}

interface Slot {
  worker: Worker;
  task: Task | undefined;
}

/** After a crash a worker is replaced at once: a request that kills workers costs one start each time it comes. */
class WorkerPool implements DecodePool {
  readonly #workerData: RequestDecoderSettings;
  readonly #slots: Slot[] = [];
  readonly #queue: Task[] = [];
  #crashes = 0;
  #closed: Promise<void> | undefined;

  constructor(settings: DecodePoolSettings) {
    if (!Number.isInteger(settings.workers) || settings.workers < 1) {
      throw new RangeError('a decode pool needs at least one worker');
    }
    this.#workerData = {
      contentMode: settings.contentMode,
      retentionMillis: settings.retentionMillis,
      ...(settings.contentKey !== undefined && { contentKey: settings.contentKey }),
    };
    for (let index = 0; index < settings.workers; index += 1) this.#slots.push(this.#start());
  }

  decode(request: DecodeRequest): Promise<DecodeResult> {
    if (this.#closed !== undefined) return Promise.resolve(unavailable('closed', 'shutting down'));
    return new Promise((resolve) => {
      const task: Task = { request, resolve };
      const idle = this.#slots.find((slot) => slot.task === undefined);
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
    const waiting = this.#queue.splice(0);
    for (const slot of this.#slots) if (slot.task !== undefined) waiting.push(slot.task);
    for (const task of waiting) task.resolve(unavailable('closed', 'shutting down'));
    await Promise.all(this.#slots.map((slot) => slot.worker.terminate()));
  }

  #start(): Slot {
    const slot: Slot = { worker: this.#startWorker(), task: undefined };
    this.#listen(slot);
    return slot;
  }

  #startWorker(): Worker {
    return new Worker(workerUrl, { workerData: this.#workerData, name: 'decode' });
  }

  #listen(slot: Slot): void {
    const { worker } = slot;
    worker.on('message', ({ result }: DecodeAnswer) => {
      const task = slot.task;
      slot.task = undefined;
      task?.resolve(result);
      const next = this.#queue.shift();
      if (next !== undefined) this.#run(slot, next);
    });
    // The exit follows an error in every case; without a listener the error would end the process.
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (this.#closed !== undefined || slot.worker !== worker) return;
      this.#crashes += 1;
      const task = slot.task;
      slot.task = undefined;
      task?.resolve(unavailable('decode_worker_crashed', 'the decoder was restarted'));
      slot.worker = this.#startWorker();
      this.#listen(slot);
      const next = this.#queue.shift();
      if (next !== undefined) this.#run(slot, next);
    });
  }

  #run(slot: Slot, task: Task): void {
    slot.task = task;
    const { request } = task;
    // A view of a larger buffer (a socket's, say) must not take that along: only a body that owns its memory moves.
    const owns = request.body.byteLength === request.body.buffer.byteLength;
    const body = owns ? request.body : new Uint8Array(request.body);
    const job: DecodeJob = { request: { ...request, body } };
    slot.worker.postMessage(job, [body.buffer as ArrayBuffer]);
  }
}

function unavailable(reason: DecodeUnavailable['reason'], message: string): DecodeUnavailable {
  return { kind: 'unavailable', reason, message };
}
