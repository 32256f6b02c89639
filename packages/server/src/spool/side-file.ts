import { crc32 } from 'node:zlib';
import type { Signal } from '@spanwise/store';

/*
 * The side file of a segment says what its data file, plain RowBinary, holds. Little-endian.
 *
 *   header   length UInt32 | JSON of SideHeader | CRC-32 of the JSON UInt32
 *   record   body length UInt32 | body | CRC-32 of the body UInt32; one per append:
 *     body   data bytes UInt32 | rows UInt32 | CRC-32 of the data UInt32 | Unix millis Float64 | request hash
 */

export interface SideHeader {
  readonly format: 1;
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
  readonly dataCrc: number;
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

export function encodeRecord(record: SideRecord): Buffer {
  const body = Buffer.alloc(fixedBody + record.requestHash.length);
  body.writeUInt32LE(record.dataBytes, 0);
  body.writeUInt32LE(record.rowCount, 4);
  body.writeUInt32LE(record.dataCrc, 8);
  body.writeDoubleLE(record.atMillis, 12);
  body.set(record.requestHash, fixedBody);
  return framed(body);
}

/** Absence: undefined when not even the header is whole. */
export function decodeSideFile(bytes: Buffer): SideFile | undefined {
  const head = unframed(bytes, 0, bytes.length);
  if (head === undefined) return undefined;
  const header = JSON.parse(head.body.toString()) as SideHeader;
  const records: PlacedRecord[] = [];
  for (let at = head.end; ; ) {
    const frame = unframed(bytes, at, maxBody);
    if (frame === undefined || frame.body.length < fixedBody) {
      return { header, records, damaged: hasWholeRecord(bytes, at) };
    }
    const { body, end } = frame;
    records.push({
      dataBytes: body.readUInt32LE(0),
      rowCount: body.readUInt32LE(4),
      dataCrc: body.readUInt32LE(8),
      atMillis: body.readDoubleLE(12),
      requestHash: new Uint8Array(body.subarray(fixedBody)),
      end,
    });
    at = end;
  }
}

/** Looks behind a record whose length can still be believed. */
function hasWholeRecord(bytes: Buffer, damagedAt: number): boolean {
  for (let at = damagedAt; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length > maxBody) return false;
    at += 4 + length + 4;
    if (unframed(bytes, at, maxBody) !== undefined) return true;
  }
  return false;
}

function framed(body: Buffer): Buffer {
  const frame = Buffer.alloc(4 + body.length + 4);
  frame.writeUInt32LE(body.length, 0);
  frame.set(body, 4);
  frame.writeUInt32LE(crc32(body), 4 + body.length);
  return frame;
}

function unframed(bytes: Buffer, at: number, maxLength: number) {
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt32LE(at);
  const end = at + 4 + length + 4;
  if (length > maxLength || end > bytes.length) return undefined;
  const body = bytes.subarray(at + 4, at + 4 + length);
  return crc32(body) === bytes.readUInt32LE(end - 4) ? { body, end } : undefined;
}
