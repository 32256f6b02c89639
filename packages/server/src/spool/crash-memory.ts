import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileIfThere, replaceFile } from './durable-files.ts';

/**
 * How much each end of the engine speaks against the rows that it was just storing. A crash is mostly their
 * doing; a kill from outside, or an end of this process in the middle of it, mostly not.
 */
const weights = { crash: 7, kill: 1 } as const;
/** Several rows are divided after one crash, which harms nobody; a single row is set aside, so it takes three. */
const thresholds = { several: 7, single: 21 } as const;

/** How often the engine ended while it stored these rows. On disk, because a crash may take everything with it. */
export class CrashMemory {
  readonly #path: string;
  readonly #points: Map<string, number>;

  private constructor(path: string, points: Map<string, number>) {
    this.#path = path;
    this.#points = points;
  }

  static async open(directory: string, segmentName: string): Promise<CrashMemory> {
    const path = join(directory, `${segmentName}.crashes`);
    const text = (await readFileIfThere(path))?.toString();
    return new CrashMemory(path, new Map(text === undefined ? [] : parsePoints(text)));
  }

  isSuspect(firstRow: number, lastRow: number): boolean {
    const threshold = firstRow === lastRow ? thresholds.single : thresholds.several;
    return (this.#points.get(`${firstRow}-${lastRow}`) ?? 0) >= threshold;
  }

  /** Kept across restarts where the disk takes it. */
  async add(firstRow: number, lastRow: number, end: keyof typeof weights): Promise<void> {
    const key = `${firstRow}-${lastRow}`;
    this.#points.set(key, (this.#points.get(key) ?? 0) + weights[end]);
    // A full disk must not keep the segment from the tables: that is how the disk gets room again.
    await replaceFile(this.#path, JSON.stringify([...this.#points])).catch(() => {});
  }

  /** The rows are stored or set aside. */
  async forget(): Promise<void> {
    if (this.#points.size > 0) await rm(this.#path, { force: true });
  }
}

/** What can't be read is forgotten: the counts begin anew. */
function parsePoints(text: string): readonly (readonly [string, number])[] {
  try {
    return JSON.parse(text) as [string, number][];
  } catch {
    return [];
  }
}
