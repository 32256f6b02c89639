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

/** As it stands on disk. Rows are `first-last`. */
interface Contents {
  readonly points: readonly (readonly [rows: string, points: number])[];
  readonly stored: readonly string[];
}

/**
 * How often the engine ended while it stored which rows of a segment, and which parts of it are stored. On disk,
 * because a crash may take everything with it; and because kills that come faster than a segment can be stored
 * would otherwise begin it anew each time, and speak against rows that did nothing.
 */
export class CrashMemory {
  readonly #path: string;
  readonly #points: Map<string, number>;
  readonly #stored: Set<string>;

  private constructor(path: string, { points, stored }: Contents) {
    this.#path = path;
    this.#points = new Map(points);
    this.#stored = new Set(stored);
  }

  static async open(directory: string, segmentName: string): Promise<CrashMemory> {
    const path = join(directory, `${segmentName}.crashes`);
    return new CrashMemory(path, parseContents((await readFileIfThere(path))?.toString()));
  }

  isSuspect(firstRow: number, lastRow: number): boolean {
    const threshold = firstRow === lastRow ? thresholds.single : thresholds.several;
    return (this.#points.get(`${firstRow}-${lastRow}`) ?? 0) >= threshold;
  }

  /** True for a part that an earlier try has stored. */
  isStored(firstRow: number, lastRow: number): boolean {
    return this.#stored.has(`${firstRow}-${lastRow}`);
  }

  /** Kept across restarts where the disk takes it. */
  async add(firstRow: number, lastRow: number, end: keyof typeof weights): Promise<void> {
    const key = `${firstRow}-${lastRow}`;
    this.#points.set(key, (this.#points.get(key) ?? 0) + weights[end]);
    await this.#write();
  }

  /** As if `add` had not been called. */
  async takeBack(firstRow: number, lastRow: number, end: keyof typeof weights): Promise<void> {
    const key = `${firstRow}-${lastRow}`;
    this.#points.set(key, (this.#points.get(key) ?? 0) - weights[end]);
    await this.#write();
  }

  /** A part of the segment is in the tables: nothing speaks against it any more, and it is not tried again. */
  async stored(firstRow: number, lastRow: number): Promise<void> {
    const key = `${firstRow}-${lastRow}`;
    this.#points.delete(key);
    this.#stored.add(key);
    await this.#write();
  }

  /** All rows are stored or set aside. */
  async forget(): Promise<void> {
    if (this.#points.size + this.#stored.size > 0) await rm(this.#path, { force: true });
  }

  async #write(): Promise<void> {
    const contents: Contents = { points: [...this.#points], stored: [...this.#stored] };
    // A full disk must not keep the segment from the tables: that is how the disk gets room again.
    await replaceFile(this.#path, JSON.stringify(contents)).catch(() => {});
  }
}

/** What is not there, or can't be read, is forgotten: the counts begin anew. */
function parseContents(text: string | undefined): Contents {
  const nothing: Contents = { points: [], stored: [] };
  if (text === undefined) return nothing;
  try {
    return { ...nothing, ...(JSON.parse(text) as Contents) };
  } catch {
    return nothing;
  }
}
