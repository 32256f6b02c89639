import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { RowValue } from './row-binary/reader.ts';
import { encodeValue } from './row-binary/row-binary-writer.fixture.ts';
import { type ColumnType, parseColumnType } from './row-binary/types.ts';
import { columnsOf, type Signal, schemaVersion } from './schema/columns.ts';
import type { Segment } from './store.ts';

/** Values by column; what is left out is empty or zero, and unknown where a column has that. */
export type Row = Readonly<Record<string, RowValue>>;

const types = new Map<string, ColumnType>();
const unknownIsMinusOne = /_tokens$|^first_chunk_nanos$/;

/** RowBinary of one row, written by other code than the product's encoder. */
export function encodeRow(signal: Signal, row: Row, columns = columnsOf[signal]): Uint8Array {
  return Buffer.concat(
    columns.map(([name, typeText]) => {
      const type = types.get(typeText) ?? parseColumnType(typeText);
      types.set(typeText, type);
      const value = row[name];
      if (value !== undefined) return encodeValue(type, value);
      switch (type.kind) {
        case 'string':
          return encodeValue(type, '');
        case 'fixedString':
          return new Uint8Array(type.length);
        case 'array':
        case 'map':
          return encodeValue(type, []);
        case 'dateTime64':
          return encodeValue(type, 0n);
        default:
          return encodeValue(type, unknownIsMinusOne.test(name) ? -1 : 0);
      }
    }),
  );
}

const folders: string[] = [];

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A segment file in a temporary folder. */
export async function segmentOf(
  signal: Signal,
  ingestSeq: bigint,
  rows: readonly Row[],
  columns = columnsOf[signal],
): Promise<Segment> {
  const folder = await mkdtemp(join(tmpdir(), 'spanwise-segment-'));
  folders.push(folder);
  const path = join(folder, 'rows.bin');
  await writeFile(
    path,
    Buffer.concat(
      rows.map((row, index) => encodeRow(signal, { ...row, ingest_seq: ingestSeq, row: index }, columns)),
    ),
  );
  return {
    signal,
    ingestSeq,
    path,
    rowCount: rows.length,
    schemaVersion,
    structure: columns.map(([name, type]) => `${name} ${type}`).join(', '),
  };
}

export function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
