import { statfs } from 'node:fs/promises';

/** Tells of the file system of a folder; a test puts a full one here. */
export type MeasureDisk = (folder: string) => Promise<{ readonly free: number; readonly total: number }>;

export const measureDisk: MeasureDisk = async (folder) => {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, total: blocks * bsize };
};

/** A look costs some microseconds; in between, senders fill a fast disk by a few hundred megabytes at most. */
const lookAgainMillis = 250;
/** Of a small disk, no more than this share is kept free. */
const mostShare = 0.05;

/** How much of the disk may still be written. Looks again when asked, but not more often than it must. */
export class DiskSpace {
  readonly #folder: string;
  readonly #reserveBytes: number;
  readonly #measure: MeasureDisk;
  #free = Number.POSITIVE_INFINITY;
  #reserve = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** `reserveBytes` stay free for the engine, which needs room to merge, and for whoever cleans up. */
  constructor(folder: string, reserveBytes: number, measure: MeasureDisk) {
    this.#folder = folder;
    this.#reserveBytes = reserveBytes;
    this.#measure = measure;
  }

  /** Bytes that may be written; negative: so many too few. */
  get room(): number {
    const now = performance.now();
    if (now - this.#lookedAt > lookAgainMillis) {
      this.#lookedAt = now;
      void this.look();
    }
    return this.#free - this.#reserve;
  }

  async look(): Promise<void> {
    try {
      const { free, total } = await this.#measure(this.#folder);
      this.#free = free;
      this.#reserve = Math.min(this.#reserveBytes, total * mostShare);
    } catch {
      // The next write says what is wrong with the disk.
      this.#free = Number.POSITIVE_INFINITY;
    }
  }
}
