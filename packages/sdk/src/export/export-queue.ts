import type { LossReport } from './loss-report.ts';

/**
 * Book-keeping of one batch processor's queue: how many items wait, and whether one more may. OpenTelemetry's
 * processors drop without a public count; asking here first, they never have to.
 */
export class ExportQueue {
  readonly #maxSize: number;
  readonly #losses: LossReport;
  #size = 0;

  constructor(maxSize: number, losses: LossReport) {
    this.#maxSize = maxSize;
    this.#losses = losses;
  }

  /** Takes a place in the queue; false, and counted as lost, if there is none. */
  enter(): boolean {
    if (this.#size >= this.#maxSize) {
      this.#losses.recordDropped(1);
      return false;
    }
    this.#size += 1;
    return true;
  }

  /** `count` items have been handed to the exporter. */
  leave(count: number): void {
    this.#size -= count;
  }

  /** Items waiting. */
  get size(): number {
    return this.#size;
  }
}
