import { diag } from '@opentelemetry/api';

/** One line a minute is enough to be seen and too little to flood a log. */
const MIN_INTERVAL_MILLIS = 60_000;

export type LostSignal = 'spans' | 'log records';

/** Why something that ended was not delivered, and the words for the operator. */
export const LOSS_REASONS = {
  queue_full: 'the export queue is full',
  too_large: 'one item was larger than the whole export queue',
  unreachable: 'the backend did not answer',
  refused: 'the backend refused the request',
  rejected: 'the backend rejected them',
  encoding: 'they could not be encoded',
  shutdown: 'the process ended first',
  buffer_full: 'the disk buffer is full',
} as const;

export type LossReason = keyof typeof LOSS_REASONS;

export type LossCounts = Readonly<Partial<Record<LossReason, number>>>;

/** What was lost since the last {@link LossReport.takeUntold}. */
export type UntoldLosses = Readonly<Partial<Record<LostSignal, LossCounts>>>;

/**
 * Counts what a process lost, by signal and reason. Two hear of it: the operator on standard error, the first
 * loss at once and then at most one line a minute, and the backend, as soon as it answers again.
 */
export class LossReport {
  readonly #totals: Record<LostSignal, Map<LossReason, number>> = emptyCounts();
  #untold = emptyCounts();
  #unprinted = emptyCounts();
  #printedAt = Number.NEGATIVE_INFINITY;

  /** @param detail More exact than the reason's own words. It must hold no telemetry. */
  record(signal: LostSignal, reason: LossReason, count: number, detail?: string): void {
    if (count === 0) return;
    for (const counts of [this.#totals, this.#untold, this.#unprinted]) {
      counts[signal].set(reason, (counts[signal].get(reason) ?? 0) + count);
    }
    this.#print(detail ?? LOSS_REASONS[reason]);
  }

  counts(signal: LostSignal): LossCounts {
    return Object.fromEntries(this.#totals[signal]);
  }

  /** Losses that the backend has not heard of; absent if there are none. They count as told from now on. */
  takeUntold(): UntoldLosses | undefined {
    const untold = this.#untold;
    const signals = Object.entries(untold).filter(([, counts]) => counts.size > 0);
    if (signals.length === 0) return undefined;
    this.#untold = emptyCounts();
    return Object.fromEntries(signals.map(([signal, counts]) => [signal, Object.fromEntries(counts)]));
  }

  #print(detail: string): void {
    const now = performance.now();
    if (now - this.#printedAt < MIN_INTERVAL_MILLIS) return;
    const lost = Object.entries(this.#unprinted)
      .map(([signal, counts]) => [signal, sum(counts.values())] as const)
      .filter(([, count]) => count > 0)
      .map(([signal, count]) => `${count} ${signal}`);
    diag.warn(
      `Spanwise: ${lost.join(' and ')} lost: ${detail}. The service goes on; further losses are counted and reported at most once a minute.`,
    );
    this.#printedAt = now;
    this.#unprinted = emptyCounts();
  }
}

function emptyCounts(): Record<LostSignal, Map<LossReason, number>> {
  return { spans: new Map(), 'log records': new Map() };
}

export function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
