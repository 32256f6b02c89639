import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChangedTrace, EngineError, type SettleStore } from '@spanwise/store';
import type { Logger } from 'pino';
import { traceFactsOf } from './trace-facts.ts';

/** Traces that are read together: some thousand spans, so that nobody else on this thread waits long. */
const batchTraces = 1_000;
/** Traces worked on before others on this thread get their turn. */
const sliceTraces = 50;
/** Pause after a batch, in times of what it took: ingest and questions go first. */
const pauseRatio = 3;

export interface SettleJobOptions {
  readonly store: SettleStore;
  /** Of ours alone: made when it is not there, and emptied. */
  readonly directory: string;
  /** The last segment that is stored whole, as are all before it; 0 while nobody knows. */
  readonly storedSeq: () => bigint;
  /** Between two looks. */
  readonly intervalMillis: number;
  readonly logger: Logger;
}

export interface SettleJob {
  /** Settles what is stored by now, at once. Errors: `EngineError`; the rest is settled by a later run. */
  settle(): Promise<void>;
  /** Stops after the batch in hand. */
  close(): Promise<void>;
}

/**
 * Makes the facts that only whole traces tell (summaries, who called whom, what agents used, usage counted once)
 * for each trace that got spans, again and again: whatever comes late is settled again, and facts are replaced,
 * never added to. After a crash the last traces are settled once more, to the same facts.
 */
export async function startSettleJob(options: SettleJobOptions): Promise<SettleJob> {
  const job = new Job(options);
  await job.start();
  return job;
}

class Job implements SettleJob {
  readonly #options: SettleJobOptions;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  /** Undefined until asked for. */
  #settledSeq: bigint | undefined;

  constructor(options: SettleJobOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { directory, intervalMillis } = this.#options;
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { mode: 0o700 });
    this.#timer = setInterval(() => {
      if (!this.#isRunning) void this.#settleLogged();
    }, intervalMillis);
  }

  settle(): Promise<void> {
    const run = this.#running.then(() => this.#settle());
    this.#running = run.catch(() => {});
    return run;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#running;
    await rm(this.#options.directory, { recursive: true, force: true });
  }

  async #settleLogged(): Promise<void> {
    try {
      await this.settle();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#options.logger.warn({ err: error }, 'traces were not settled; it is tried again');
    }
  }

  async #settle(): Promise<void> {
    const { store, storedSeq } = this.#options;
    this.#isRunning = true;
    try {
      this.#settledSeq ??= await store.settledSeq();
      for (;;) {
        const upTo = storedSeq();
        if (this.#stopping.signal.aborted || upTo <= this.#settledSeq) return;
        const changed = await store.changedTraces(this.#settledSeq, upTo);
        const seq = changed?.seq ?? upTo;
        for (const batch of batchesOf(changed?.traces ?? [])) {
          if (this.#stopping.signal.aborted) return;
          await this.#settleBatch(batch, seq);
        }
        if (changed !== undefined) await store.markSettled(seq);
        this.#settledSeq = seq;
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Of one tenant. */
  async #settleBatch(batch: readonly ChangedTrace[], seq: bigint): Promise<void> {
    const { store, directory, logger } = this.#options;
    const begin = performance.now();
    try {
      const { tenant } = batch[0]!;
      const counts = new Map(batch.map(({ traceId, adjustedCount }) => [traceId, adjustedCount]));
      const traces = await store.wholeTraces(tenant, [...counts.keys()]);
      const facts = [];
      for (const [index, trace] of traces.entries()) {
        if (index % sliceTraces === 0) await sleep(0);
        facts.push(traceFactsOf(tenant, trace, counts.get(trace.columns.traceId) ?? 1));
      }
      await store.replaceFacts(facts, seq, join(directory, 'facts.rows'));
    } catch (error) {
      if (!(error instanceof EngineError) || error.retryable) throw error;
      if (batch.length === 1) {
        logger.warn(
          { err: error, traceId: batch[0]!.traceId },
          'a trace was not settled: it can not be read',
        );
        return;
      }
      // Too much at once, or one trace that spoils the batch for the others.
      const half = Math.ceil(batch.length / 2);
      await this.#settleBatch(batch.slice(0, half), seq);
      await this.#settleBatch(batch.slice(half), seq);
      return;
    }
    const pause = (performance.now() - begin) * pauseRatio;
    await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}

function* batchesOf(traces: readonly ChangedTrace[]) {
  for (let from = 0; from < traces.length; ) {
    const { tenant } = traces[from]!;
    const batch: ChangedTrace[] = [];
    while (traces[from]?.tenant === tenant && batch.length < batchTraces) {
      batch.push(traces[from]!);
      from += 1;
    }
    yield batch;
  }
}
