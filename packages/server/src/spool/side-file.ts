import { crc32 } from 'node:zlib';
import type { Signal } from '@spanwise/store';
import { crc32c } from './crc32c.ts';

/*
 * The side file of a segment says what its data file, plain RowBinary, holds. Little-endian.
 *
 *   header   length UInt32 | JSON of SideHeader | checksum of the JSON UInt32
 *   record   body length UInt32 | body | checksum of the body UInt32; one per append:
 *     body   data bytes UInt32 | rows UInt32 | checksum of the data UInt32 | Unix millis Float64 | request hash
 *
 * Format 2 has CRC-32C for every checksum. Format 1, of before the first release, had CRC-32 and is still read.
 */

const checksums = { 1: crc32, 2: crc32c } as const;

export type SideFormat = keyof typeof checksums;

/** What new segments are written in. */
export const sideFormat = 2 satisfies SideFormat;

/** Of the data that the records of a side file speak of. */
export function checksumOf(format: SideFormat): (bytes: Uint8Array) => number {
  return checksums[format];
}

export interface SideHeader {
  readonly format: SideFormat;
  readonly signal: Signal;
  /** Decimal. */
  readonly ingestSeq: string;
  readonly schemaVersion: number;
  /** RowBinary is positional: without the structure that wrote it, it can't be read. */
  readonly structure: string;
}

export interface SideRecord {
  readonly dataBytes: number;
  readonly rowCount: number;
  readonly dataChecksum: number;
  readonly atMillis: number;
  readonly requestHash: Uint8Array;
}

export interface SideFile {
  readonly header: SideHeader;
  /** Up to the first record that is torn or damaged. */
  readonly records: readonly PlacedRecord[];
  /** A whole record follows a damaged one: this is no torn tail. */
  readonly damaged: boolean;
}

export interface PlacedRecord extends SideRecord {
  /** Where the record ends in the side file. */
  readonly end: number;
}

const fixedBody = 4 + 4 + 4 + 8;
/** A larger length is damage, not a record. */
const maxBody = fixedBody + 1_024;

export function encodeHeader(header: SideHeader): Buffer {
  return framed(Buffer.from(JSON.stringify(header)));
}

/** In the format of today: the checksum of its data is `crc32c`. */
export function encodeRecord(record: SideRecord): Buffer {
  const body = Buffer.alloc(fixedBody + record.requestHash.length);
  body.writeUInt32LE(record.dataBytes, 0);
  body.writeUInt32LE(record.rowCount, 4);
  body.writeUInt32LE(record.dataChecksum, 8);
  body.writeDoubleLE(record.atMillis, 12);
  body.set(record.requestHash, fixedBody);
  return framed(body);
}

/**
 * Absence: undefined when not even the header is whole.
 * @throws Error for a format of a later version.
 */
export function decodeSideFile(bytes: Buffer): SideFile | undefined {
  const head = unframed(bytes, 0, bytes.length, crc32c) ?? unframed(bytes, 0, bytes.length, crc32);
  if (head === undefined) return undefined;
  const header = JSON.parse(head.body.toString()) as SideHeader;
  if (!(header.format in checksums)) {
    throw new Error(`the spool was written by a newer version (segment format ${header.format})`);
  }
  const checksum = checksumOf(header.format);
  const records: PlacedRecord[] = [];
  for (let at = head.end; ; ) {
    const frame = unframed(bytes, at, maxBody, checksum);
    if (frame === undefined || frame.body.length < fixedBody) {
      return { header, records, damaged: hasWholeRecord(bytes, at, checksum) };
    }
    const { body, end } = frame;
    records.push({
      dataBytes: body.readUInt32LE(0),
      rowCount: body.readUInt32LE(4),
      dataChecksum: body.readUInt32LE(8),
      atMillis: body.readDoubleLE(12),
      requestHash: new Uint8Array(body.subarray(fixedBody)),
      end,
    });
    at = end;
  }
}

/** Looks behind a record whose length can still be believed. */
function hasWholeRecord(bytes: Buffer, damagedAt: number, checksum: Checksum): boolean {
  for (let at = damagedAt; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length > maxBody) return false;
    at += 4 + length + 4;
    if (unframed(bytes, at, maxBody, checksum) !== undefined) return true;
  }
  return false;
}

function framed(body: Buffer): Buffer {
  const frame = Buffer.alloc(4 + body.length + 4);
  frame.writeUInt32LE(body.length, 0);
  frame.set(body, 4);
  frame.writeUInt32LE(crc32c(body), 4 + body.length);
  return frame;
}

type Checksum = (bytes: Uint8Array) => number;

function unframed(bytes: Buffer, at: number, maxLength: number, checksum: Checksum) {
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt32LE(at);
  const end = at + 4 + length + 4;
  if (length > maxLength || end > bytes.length) return undefined;
  const body = bytes.subarray(at + 4, at + 4 + length);
  return checksum(body) === bytes.readUInt32LE(end - 4) ? { body, end } : undefined;
}
