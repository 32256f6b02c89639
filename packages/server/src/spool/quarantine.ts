import { copyFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BadRows } from './divide-segment.ts';
import { replaceFile, syncDirectory } from './durable-files.ts';
import { dataPath, sidePath } from './open-segment.ts';

/** What was set aside of a segment. */
export interface QuarantinedSegment {
  readonly name: string;
  /** Absence: nobody knows how many, because the file can't be read. */
  readonly rowCount?: number;
  /** Of the first rows. Code and position, never a value. */
  readonly reason: string;
}

/** Rows named one by one in a `.reason` file. */
const maxRanges = 1_000;

/** What was set aside, so far and by earlier processes. */
export interface QuarantineTotals {
  readonly segments: number;
  /** Of those segments where it is known. */
  readonly rows: number;
  /** The newest of them, oldest first. */
  readonly listed: readonly QuarantinedSegment[];
}

/** What can't be stored or read: never tried again, never deleted by us. */
export class Quarantine {
  readonly directory: string;
  readonly #maxListed: number;
  readonly #listed = new Map<string, QuarantinedSegment>();
  #segments = 0;
  #rows = 0;

  constructor(directory: string, maxListed: number) {
    this.directory = directory;
    this.#maxListed = maxListed;
  }

  get totals(): QuarantineTotals {
    return { segments: this.#segments, rows: this.#rows, listed: [...this.#listed.values()] };
  }

  async createFolder(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
  }

  /** After recovery, which sets aside what it can't read. */
  async read(): Promise<void> {
    this.#listed.clear();
    this.#segments = 0;
    this.#rows = 0;
    for (const file of (await readdir(this.directory)).sort()) {
      if (!file.endsWith('.reason')) continue;
      const name = file.slice(0, -'.reason'.length);
      const text = await readFile(join(this.directory, file), 'utf8');
      this.#add({ name, ...parseReason(text) });
    }
  }

  /**
   * Deletes segments of which a file holds these bytes: for content that nobody may keep. The others of their rows
   * go with them. `isDryRun`: only counts. Gives how many.
   */
  async purge(holding: Uint8Array, isDryRun: boolean): Promise<number> {
    const files = await readdir(this.directory);
    const wanted = Buffer.from(holding);
    const names = new Set<string>();
    for (const file of files) {
      if ((await readFile(join(this.directory, file))).includes(wanted)) names.add(file.split('.', 1)[0]!);
    }
    if (isDryRun || names.size === 0) return names.size;
    for (const file of files) {
      if (names.has(file.split('.', 1)[0]!)) await rm(join(this.directory, file), { force: true });
    }
    await syncDirectory(this.directory);
    await this.read();
    return names.size;
  }

  #add(entry: QuarantinedSegment): void {
    // Set aside once more, after a kill before its data were deleted.
    const before = this.#listed.get(entry.name);
    this.#segments += before === undefined ? 1 : 0;
    this.#rows += (entry.rowCount ?? 0) - (before?.rowCount ?? 0);
    this.#listed.set(entry.name, entry);
    const [oldest] = this.#listed.keys();
    if (this.#listed.size > this.#maxListed && oldest !== undefined) this.#listed.delete(oldest);
  }

  /** Keeps the bytes of these rows, and the side file with the structure that they were written with. */
  async setRowsAside(
    spoolDirectory: string,
    name: string,
    bad: readonly BadRows[],
    rowCount: number,
  ): Promise<void> {
    const path = dataPath(this.directory, name);
    const file = await open(`${path}.next`, 'w', 0o600);
    try {
      for (const { bytes } of bad) await file.appendFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.next`, path);
    await copyFile(sidePath(spoolDirectory, name), sidePath(this.directory, name));
    const reason = bad[0]?.reason ?? '';
    const ranges = bad.slice(0, maxRanges).map(({ firstRow, lastRow, reason: why, bytes }) => ({
      firstRow,
      lastRow,
      bytes: bytes.length,
      reason: why,
    }));
    await this.#tell(name, { rowCount, reason }, ranges);
  }

  /** A copy of a segment of which a part can't be read. */
  async keepCopy(spoolDirectory: string, name: string, reason: string): Promise<void> {
    await copyFile(dataPath(spoolDirectory, name), join(this.directory, `${name}.damaged-rows`));
    await copyFile(sidePath(spoolDirectory, name), join(this.directory, `${name}.damaged-side`));
    await this.#tell(name, { reason });
  }

  /** The reason comes last: without it, the next try sets the same rows aside again. */
  async #tell(
    name: string,
    told: Omit<QuarantinedSegment, 'name'>,
    ranges?: readonly object[],
  ): Promise<void> {
    await syncDirectory(this.directory);
    await replaceFile(
      join(this.directory, `${name}.reason`),
      `${JSON.stringify({ ...told, ...(ranges === undefined ? {} : { ranges }) })}\n`,
    );
    this.#add({ name, ...told });
  }
}

function parseReason(text: string): Omit<QuarantinedSegment, 'name'> {
  try {
    const { rowCount, reason } = JSON.parse(text) as { rowCount?: number; reason: string };
    return { reason, ...(rowCount === undefined ? {} : { rowCount }) };
  } catch {
    return { reason: 'unknown: its `.reason` file can not be read' };
  }
}
