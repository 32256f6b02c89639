import type { FileHandle } from 'node:fs/promises';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TraceId } from '@spanwise/model';
import { type Signal, schemaVersion, structureOf } from '@spanwise/store';
import { patchRows } from '@spanwise/store/rows';
import { crc32c } from './crc32c.ts';
import { syncDirectory } from './durable-files.ts';
import { encodeHeader, encodeRecord, sideFormat } from './side-file.ts';
import type { SpoolBatch } from './spool.ts';

/** `node:fs/promises` open; a test puts a failing disk here. */
export type OpenFile = (path: string, flags: string, mode: number) => Promise<FileHandle>;

/** A segment that takes no more rows. */
export interface ClosedSegment {
  readonly name: string;
  readonly signal: Signal;
  readonly ingestSeq: bigint;
  readonly schemaVersion: number;
  readonly structure: string;
  readonly rowCount: number;
  readonly bytes: number;
  /** Unix milliseconds of its first row. */
  readonly sinceMillis: number;
  readonly traceIds: readonly TraceId[];
  readonly traceIdsTruncated: boolean;
  /** Left by an earlier process, which may have begun to store it. */
  readonly isReplay?: true;
  /** The files may be longer than what was acknowledged; they are cut before anyone reads them. */
  readonly cutTo?: { readonly data: number; readonly side: number };
}

export const dataPath = (directory: string, name: string) => join(directory, `${name}.rows`);
export const sidePath = (directory: string, name: string) => join(directory, `${name}.side`);

/** Sorts by number as text does. */
export function segmentName(ingestSeq: bigint, signal: Signal): string {
  return `${String(ingestSeq).padStart(20, '0')}-${signal}`;
}

/** The segment of one signal that takes rows. One commit at a time. */
export class OpenSegment {
  readonly name: string;
  readonly signal: Signal;
  readonly ingestSeq: bigint;
  readonly #directory: string;
  readonly #data: FileHandle;
  readonly #side: FileHandle;
  readonly #maxTraceIds: number;
  /** Something was written since the last sync. */
  #isDirty = false;
  /** What is acknowledged. */
  #dataBytes = 0;
  #sideBytes: number;
  #rowCount = 0;
  #sinceMillis = 0;
  readonly #traceIds = new Set<TraceId>();
  #traceIdsTruncated = false;

  private constructor(
    directory: string,
    signal: Signal,
    ingestSeq: bigint,
    files: { readonly data: FileHandle; readonly side: FileHandle },
    sideBytes: number,
    maxTraceIds: number,
  ) {
    this.#maxTraceIds = maxTraceIds;
    this.#directory = directory;
    this.signal = signal;
    this.ingestSeq = ingestSeq;
    this.name = segmentName(ingestSeq, signal);
    this.#data = files.data;
    this.#side = files.side;
    this.#sideBytes = sideBytes;
  }

  static async create(
    directory: string,
    signal: Signal,
    ingestSeq: bigint,
    openFile: OpenFile,
    maxTraceIds: number,
  ): Promise<OpenSegment> {
    const name = segmentName(ingestSeq, signal);
    const header = encodeHeader({
      format: sideFormat,
      signal,
      ingestSeq: String(ingestSeq),
      schemaVersion,
      structure: structureOf(signal),
    });
    const opened: FileHandle[] = [];
    try {
      const data = await openFile(dataPath(directory, name), 'wx', 0o600);
      opened.push(data);
      const side = await openFile(sidePath(directory, name), 'wx', 0o600);
      opened.push(side);
      await side.writev([header], 0);
      await side.datasync();
      await syncDirectory(directory);
      return new OpenSegment(directory, signal, ingestSeq, { data, side }, header.length, maxTraceIds);
    } catch (error) {
      // Without a whole header the next start takes them away, if this doesn't.
      await Promise.allSettled(opened.map((file) => file.close()));
      await rm(dataPath(directory, name), { force: true }).catch(() => {});
      await rm(sidePath(directory, name), { force: true }).catch(() => {});
      throw error;
    }
  }

  get bytes(): number {
    return this.#dataBytes;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get sinceMillis(): number {
    return this.#sinceMillis;
  }

  /**
   * Writes the batches and resolves when they are on disk; without `isSynced`, when the system has them. Patches
   * their rows in place.
   * Errors: whatever the disk says; then nothing of them counts, and the segment must be closed: what a failed
   * sync left behind is unknown, and a second sync would not tell.
   */
  async commit(batches: readonly SpoolBatch[], now: number, isSynced: boolean): Promise<void> {
    let dataBytes = this.#dataBytes;
    let rowCount = this.#rowCount;
    const records = batches.map((batch) => {
      patchRows(batch.rows, batch.rowOffsets, this.ingestSeq, rowCount);
      dataBytes += batch.rows.length;
      rowCount += batch.rowCount;
      return encodeRecord({
        dataBytes: batch.rows.length,
        rowCount: batch.rowCount,
        dataChecksum: crc32c(batch.rows),
        atMillis: now,
        requestHash: batch.requestHash,
      });
    });
    const side = Buffer.concat(records);
    await Promise.all([
      writeAll(
        this.#data,
        batches.map(({ rows }) => rows),
        this.#dataBytes,
      ),
      writeAll(this.#side, [side], this.#sideBytes),
    ]);
    this.#isDirty = true;
    if (isSynced) await this.sync();
    if (this.#rowCount === 0) this.#sinceMillis = now;
    this.#dataBytes = dataBytes;
    this.#sideBytes += side.length;
    this.#rowCount = rowCount;
    for (const { traceIds } of batches) this.#remember(traceIds);
  }

  /** Errors: what was written since the last sync may be lost with the power. */
  async sync(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    await Promise.all([this.#data.datasync(), this.#side.datasync()]);
  }

  #remember(traceIds: readonly TraceId[]): void {
    for (const id of traceIds) {
      if (this.#traceIds.size < this.#maxTraceIds) this.#traceIds.add(id);
      else if (!this.#traceIds.has(id)) this.#traceIdsTruncated = true;
    }
  }

  /** `failed`: a commit failed, so the files may hold more than was acknowledged. */
  async close(failed: boolean): Promise<ClosedSegment> {
    await Promise.allSettled([this.#data.close(), this.#side.close()]);
    const segment: ClosedSegment = {
      name: this.name,
      signal: this.signal,
      ingestSeq: this.ingestSeq,
      schemaVersion,
      structure: structureOf(this.signal),
      rowCount: this.#rowCount,
      bytes: this.#dataBytes,
      sinceMillis: this.#sinceMillis,
      traceIds: [...this.#traceIds],
      traceIdsTruncated: this.#traceIdsTruncated,
      ...(failed ? { cutTo: { data: this.#dataBytes, side: this.#sideBytes } } : {}),
    };
    if (this.#rowCount === 0 && !failed) await removeSegment(this.#directory, this.name);
    return segment;
  }
}

export async function removeSegment(directory: string, name: string): Promise<void> {
  await rm(dataPath(directory, name), { force: true });
  await rm(sidePath(directory, name), { force: true });
}

/** A short write is no error to the system call. */
async function writeAll(file: FileHandle, buffers: readonly Uint8Array[], position: number): Promise<void> {
  const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const { bytesWritten } = await file.writev([...buffers], position);
  if (bytesWritten === total) return;
  const rest = Buffer.concat(buffers).subarray(bytesWritten);
  if (bytesWritten === 0) throw new Error('the disk took no byte');
  await writeAll(file, [rest], position + bytesWritten);
}
