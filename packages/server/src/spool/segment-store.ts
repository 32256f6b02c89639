import { mkdir, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Segment } from '@spanwise/store';
import { replaceFile, syncDirectory } from './durable-files.ts';
import { type ClosedSegment, dataPath, removeSegment, sidePath } from './open-segment.ts';

export interface QuarantinedSegment {
  readonly name: string;
  readonly reason: string;
}

/** The files of closed segments. */
export class SegmentStore {
  readonly #directory: string;
  readonly #quarantine: string;
  /** Side files of stored segments, oldest first: they remember requests. */
  readonly #remembering: { readonly name: string; readonly newestMillis: number }[] = [];
  readonly #quarantined: QuarantinedSegment[] = [];

  constructor(directory: string) {
    this.#directory = directory;
    this.#quarantine = join(directory, 'quarantine');
  }

  get quarantineDirectory(): string {
    return this.#quarantine;
  }

  get quarantined(): readonly QuarantinedSegment[] {
    return this.#quarantined;
  }

  async createFolders(): Promise<void> {
    await mkdir(this.#quarantine, { recursive: true, mode: 0o700 });
  }

  /** After recovery, which sets aside what it can't read. */
  async readQuarantine(): Promise<void> {
    for (const file of (await readdir(this.#quarantine)).sort()) {
      if (!file.endsWith('.reason')) continue;
      const reason = await readFile(join(this.#quarantine, file), 'utf8');
      this.#quarantined.push({ name: file.slice(0, -'.reason'.length), reason });
    }
  }

  /** Cuts what was written but never acknowledged. Needed before anyone reads the data file. */
  async cut({ name, cutTo, rowCount }: ClosedSegment): Promise<void> {
    if (rowCount === 0) await removeSegment(this.#directory, name);
    else if (cutTo !== undefined) {
      await truncate(dataPath(this.#directory, name), cutTo.data);
      await truncate(sidePath(this.#directory, name), cutTo.side);
    }
  }

  toSegment(segment: ClosedSegment): Segment {
    const { signal, ingestSeq, rowCount, schemaVersion, structure } = segment;
    return {
      signal,
      ingestSeq,
      rowCount,
      schemaVersion,
      structure,
      path: dataPath(this.#directory, segment.name),
    };
  }

  /** The rows are in the tables. The side file stays for a while, for the requests in it. */
  async removeData({ name }: ClosedSegment, newestMillis: number): Promise<void> {
    await rm(dataPath(this.#directory, name), { force: true });
    this.keepRemembering(name, newestMillis);
  }

  keepRemembering(name: string, newestMillis: number): void {
    this.#remembering.push({ name, newestMillis });
  }

  async forgetBefore(millis: number): Promise<void> {
    for (;;) {
      const oldest = this.#remembering[0];
      if (oldest === undefined || oldest.newestMillis >= millis) return;
      this.#remembering.shift();
      await rm(sidePath(this.#directory, oldest.name), { force: true });
    }
  }

  /** Sets aside what the engine refuses for its content: never tried again, never deleted. */
  async setAside({ name }: ClosedSegment, reason: string): Promise<void> {
    await replaceFile(join(this.#quarantine, `${name}.reason`), reason);
    await rename(dataPath(this.#directory, name), dataPath(this.#quarantine, name));
    await rename(sidePath(this.#directory, name), sidePath(this.#quarantine, name));
    await syncDirectory(this.#quarantine);
    await syncDirectory(this.#directory);
    this.#quarantined.push({ name, reason });
  }
}
