import { readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Segment } from '@spanwise/store';
import { CrashMemory } from './crash-memory.ts';
import type { BadRows } from './divide-segment.ts';
import { type ClosedSegment, dataPath, removeSegment, sidePath } from './open-segment.ts';
import { Quarantine } from './quarantine.ts';
import { decodeSideFile, type SideRecord } from './side-file.ts';

/** The files of closed segments. */
export class SegmentStore {
  readonly quarantine: Quarantine;
  readonly #directory: string;
  /** Side files of stored segments, oldest first: they remember requests. */
  readonly #remembering: { readonly name: string; readonly newestMillis: number }[] = [];

  constructor(directory: string, quarantineListed: number) {
    this.#directory = directory;
    this.quarantine = new Quarantine(join(directory, 'quarantine'), quarantineListed);
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
    const { signal, ingestSeq, rowCount, schemaVersion, structure, isReplay } = segment;
    return {
      signal,
      ...(isReplay === undefined ? {} : { isReplay }),
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

  crashesOf({ name }: ClosedSegment): Promise<CrashMemory> {
    return CrashMemory.open(this.#directory, name);
  }

  /** Errors: the side file is no longer there, or can't be read. */
  async recordsOf({ name }: ClosedSegment): Promise<readonly SideRecord[]> {
    const side = decodeSideFile(await readFile(sidePath(this.#directory, name)));
    if (side === undefined) throw new Error('the side file of a segment is damaged');
    return side.records;
  }

  /** Of a file that nothing else uses; taken away by the next start, should it be left. */
  partPathOf({ name }: ClosedSegment): string {
    return join(this.#directory, `${name}.part`);
  }

  setRowsAside({ name }: ClosedSegment, bad: readonly BadRows[], rowCount: number): Promise<void> {
    return this.quarantine.setRowsAside(this.#directory, name, bad, rowCount);
  }
}
