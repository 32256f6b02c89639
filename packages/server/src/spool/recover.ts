import { open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { schemaVersion } from '@spanwise/store';
import { readFileIfThere } from './durable-files.ts';
import { type ClosedSegment, dataPath, removeSegment, sidePath } from './open-segment.ts';
import type { Quarantine } from './quarantine.ts';
import { checksumOf, decodeSideFile, type PlacedRecord, type SideFile } from './side-file.ts';

export interface Recovered {
  /** In order of their numbers, cut to whole records. */
  readonly segments: readonly ClosedSegment[];
  /** Of all side files, stored segments included; in no order. */
  readonly requests: readonly RememberedRequest[];
  /** Side files whose segment is stored, oldest first: kept for the requests in them. */
  readonly stored: readonly { readonly name: string; readonly newestMillis: number }[];
  /** The highest number that a file carries. */
  readonly lastSeq: bigint;
}

export interface RememberedRequest {
  readonly key: string;
  readonly atMillis: number;
}

export const requestKey = (hash: Uint8Array) => Buffer.from(hash).toString('latin1');

const sideName = /^(\d{20}-(?:spans|logs))\.side$/;

/**
 * Reads what an earlier process left in the folder and cuts what it had not finished writing.
 * Errors: whatever the disk says; `Error` when a newer version wrote the folder, which is left as it is.
 */
export async function recoverSpool(directory: string, quarantine: Quarantine): Promise<Recovered> {
  const segments: ClosedSegment[] = [];
  const requests: RememberedRequest[] = [];
  const stored: { name: string; newestMillis: number }[] = [];
  const later = new Set<string>();
  let lastSeq = 0n;
  const names = await segmentNames(directory);
  const remember = (records: readonly PlacedRecord[]) => {
    for (const { requestHash, atMillis } of records) {
      const key = requestKey(requestHash);
      later.add(key);
      requests.push({ key, atMillis });
    }
  };
  // Newest first: a request that was refused at a failing disk, and then kept under a later number, counts there.
  for (const name of names.reverse()) {
    const seq = BigInt(name.slice(0, 20));
    if (seq > lastSeq) lastSeq = seq;
    const side = decodeSideFile((await readFileIfThere(sidePath(directory, name))) ?? Buffer.alloc(0));
    if (side !== undefined && side.header.schemaVersion > schemaVersion) {
      throw new Error(`the spool was written by a newer version (schema ${side.header.schemaVersion})`);
    }
    if (side === undefined) {
      // The header is synced before the first row is written: with rows behind it, it was whole once.
      if (await hasData(directory, name)) await quarantine.keepCopy(directory, name, 'its header is damaged');
      await removeSegment(directory, name);
      continue;
    }
    const whole = await wholeRecords(dataPath(directory, name), side);
    if (whole === undefined) {
      remember(side.records);
      stored.unshift({ name, newestMillis: newestOf(side.records) });
      continue;
    }
    if (side.damaged || whole.damaged) {
      await quarantine.keepCopy(
        directory,
        name,
        'a part in its middle is damaged; what stands before it is stored',
      );
    }
    while (whole.records.length > 0 && later.has(requestKey(whole.records.at(-1)!.requestHash)))
      whole.records.pop();
    remember(whole.records);
    const segment = await cut(directory, name, side, whole.records);
    if (segment !== undefined) segments.unshift(segment);
  }
  for (const name of await segmentNames(quarantine.directory)) {
    const side = decodeSideFile(
      (await readFileIfThere(sidePath(quarantine.directory, name))) ?? Buffer.alloc(0),
    );
    if (side !== undefined) remember(side.records);
    const seq = BigInt(name.slice(0, 20));
    if (seq > lastSeq) lastSeq = seq;
  }
  return { segments, requests, stored, lastSeq };
}

async function segmentNames(directory: string): Promise<string[]> {
  const files = await readdir(directory);
  const withSide = new Set(files.flatMap((file) => sideName.exec(file)?.[1] ?? []));
  for (const file of files) {
    // Of a try that the earlier process did not finish.
    if (file.endsWith('.part')) await rm(join(directory, file), { force: true });
    // Data without a side file: its header never became durable, so nothing of it was acknowledged.
    if (file.endsWith('.rows') && !withSide.has(file.slice(0, -5))) {
      await rm(join(directory, file), { force: true });
    }
  }
  return [...withSide].sort();
}

function newestOf(records: readonly PlacedRecord[]): number {
  return records.reduce((newest, { atMillis }) => Math.max(newest, atMillis), 0);
}

interface Whole {
  readonly records: PlacedRecord[];
  /** Whole data follow damaged ones: this is no torn tail. */
  readonly damaged: boolean;
}

async function hasData(directory: string, name: string): Promise<boolean> {
  const stats = await stat(dataPath(directory, name)).catch(() => undefined);
  return stats !== undefined && stats.size > 0;
}

/**
 * The records up to the first whose data are short or damaged.
 * Absence: undefined when there is no data file: the segment is stored.
 */
async function wholeRecords(path: string, { header, records }: SideFile): Promise<Whole | undefined> {
  const checksum = checksumOf(header.format);
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const whole: PlacedRecord[] = [];
    const { size } = await file.stat();
    let position = 0;
    let bad = false;
    for (const record of records) {
      if (position + record.dataBytes > size) break;
      const data = Buffer.allocUnsafe(record.dataBytes);
      const { bytesRead } = await file.read(data, 0, data.length, position);
      position += data.length;
      if (bytesRead !== data.length || checksum(data) !== record.dataChecksum) bad = true;
      else if (bad) return { records: whole, damaged: true };
      else whole.push(record);
    }
    return { records: whole, damaged: false };
  } finally {
    await file.close();
  }
}

/** Absence: undefined when nothing whole is left, and the files are gone. */
async function cut(
  directory: string,
  name: string,
  { header }: SideFile,
  whole: readonly PlacedRecord[],
): Promise<ClosedSegment | undefined> {
  const first = whole[0];
  const last = whole.at(-1);
  if (first === undefined || last === undefined) {
    await removeSegment(directory, name);
    return undefined;
  }
  const bytes = whole.reduce((sum, { dataBytes }) => sum + dataBytes, 0);
  await truncate(dataPath(directory, name), bytes);
  await truncate(sidePath(directory, name), last.end);
  return {
    name,
    isReplay: true,
    signal: header.signal,
    ingestSeq: BigInt(header.ingestSeq),
    schemaVersion: header.schemaVersion,
    structure: header.structure,
    rowCount: whole.reduce((sum, { rowCount }) => sum + rowCount, 0),
    bytes,
    sinceMillis: first.atMillis,
    // Not on disk: live views of an earlier process are gone.
    traceIds: [],
    traceIdsTruncated: true,
  };
}
