import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChangedTrace, EngineError, type SettleStore, type TraceFacts } from '@spanwise/store';
import type { Logger } from 'pino';
import { traceFactsOf } from './trace-facts.ts';

/** Traces that are read together: some thousand spans, so that nobody else on this thread waits long. */
const batchTraces = 1_000;
/** Traces whose facts are written together: the engine merges small inserts over and over, and a large one keeps spans waiting. */
const groupTraces = 5_000;
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
        for (const group of groupsOf(changed?.traces ?? [])) {
          if (!(await this.#settleGroup(group, seq))) return;
        }
        if (changed !== undefined) await store.markSettled(seq);
        this.#settledSeq = seq;
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Of one tenant. False when it was told to stop before they were settled. */
  async #settleGroup(group: readonly ChangedTrace[], seq: bigint): Promise<boolean> {
    const { store, directory, logger } = this.#options;
    const collected = await store.collectFacts(seq, join(directory, 'facts.rows'));
    try {
      for (let from = 0; from < group.length; from += batchTraces) {
        if (this.#stopping.signal.aborted) return false;
        const begin = performance.now();
        await collected.add(await this.#factsOf(group.slice(from, from + batchTraces)));
        const pause = (performance.now() - begin) * pauseRatio;
        await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
      await collected.replace();
      return true;
    } catch (error) {
      if (!(error instanceof EngineError) || error.retryable) throw error;
      if (group.length === 1) {
        logger.warn(
          { err: error, traceId: group[0]!.traceId },
          'a trace was not settled: it can not be read',
        );
        return true;
      }
    } finally {
      await collected.discard();
    }
    // Too much at once, or one trace that spoils the group for the others.
    const half = Math.ceil(group.length / 2);
    return (
      (await this.#settleGroup(group.slice(0, half), seq)) &&
      (await this.#settleGroup(group.slice(half), seq))
    );
  }

  async #factsOf(batch: readonly ChangedTrace[]): Promise<readonly TraceFacts[]> {
    const { tenant } = batch[0]!;
    const counts = new Map(batch.map(({ traceId, adjustedCount }) => [traceId, adjustedCount]));
    const traces = await this.#options.store.wholeTraces(tenant, [...counts.keys()]);
    const facts = [];
    for (const [index, trace] of traces.entries()) {
      if (index % sliceTraces === 0) await sleep(0);
      facts.push(traceFactsOf(tenant, trace, counts.get(trace.columns.traceId) ?? 1));
    }
    return facts;
  }
}

function* groupsOf(traces: readonly ChangedTrace[]) {
  for (let from = 0; from < traces.length; ) {
    const { tenant } = traces[from]!;
    let to = from;
    while (traces[to]?.tenant === tenant && to - from < groupTraces) to += 1;
    yield traces.slice(from, to);
    from = to;
  }
}
