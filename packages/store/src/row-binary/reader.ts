import { RowBinaryCursor } from './cursor.ts';
import { type ColumnType, parseColumnType } from './types.ts';

/**
 * One value as JavaScript has it: 64-bit integers and times are bigint (times: ticks of the type's precision
 * since the epoch; Date: days), Map is an array of pairs, so that nothing is lost when a key repeats.
 */
export type RowValue = string | number | bigint | boolean | Uint8Array | undefined | readonly RowValue[];

export interface ResultHeader {
  readonly names: readonly string[];
  readonly types: readonly ColumnType[];
}

/** RowBinaryWithNamesAndTypes: number of columns, their names, their types, then the rows. */
export function readHeader(cursor: RowBinaryCursor): ResultHeader {
  // chDB gives no bytes at all for a statement without a result.
  if (cursor.atEnd) return { names: [], types: [] };
  const count = cursor.varint();
  const names = Array.from({ length: count }, () => cursor.string());
  const types = Array.from({ length: count }, () => parseColumnType(cursor.string()));
  return { names, types };
}

/**
 * All rows as tuples in column order. FixedString gives bytes (views into `bytes`).
 * For small results; large ones are read with a cursor and no object per row.
 */
export function readRows(bytes: Uint8Array): readonly (readonly RowValue[])[] {
  const cursor = new RowBinaryCursor(bytes);
  const { types } = readHeader(cursor);
  const rows: RowValue[][] = [];
  while (!cursor.atEnd) rows.push(types.map((type) => readValue(cursor, type)));
  return rows;
}

/** @throws RangeError when the bytes end inside the value. */
export function readValue(cursor: RowBinaryCursor, type: ColumnType): RowValue {
  switch (type.kind) {
    case 'string':
      return cursor.string();
    case 'fixedString':
      return cursor.fixed(type.length);
    case 'bool':
      return cursor.uint8() !== 0;
    case 'integer':
      return readInteger(cursor, type.bits, type.signed);
    case 'float':
      return type.bits === 32 ? cursor.float32() : cursor.float64();
    case 'date':
      return BigInt(cursor.uint16());
    case 'dateTime':
      return BigInt(cursor.uint32());
    case 'dateTime64':
      return cursor.int64();
    case 'enum':
      return type.names.get(type.bits === 8 ? cursor.int8() : cursor.int16());
    case 'nullable':
      return cursor.uint8() === 1 ? undefined : readValue(cursor, type.of);
    case 'tuple':
      return type.of.map((part) => readValue(cursor, part));
    case 'array':
      return readMany(cursor, () => readValue(cursor, type.of));
    case 'map':
      return readMany(cursor, () => [readValue(cursor, type.key), readValue(cursor, type.value)]);
  }
}

function readInteger(cursor: RowBinaryCursor, bits: 8 | 16 | 32 | 64, signed: boolean): number | bigint {
  switch (bits) {
    case 8:
      return signed ? cursor.int8() : cursor.uint8();
    case 16:
      return signed ? cursor.int16() : cursor.uint16();
    case 32:
      return signed ? cursor.int32() : cursor.uint32();
    case 64:
      return signed ? cursor.int64() : cursor.uint64();
  }
}

function readMany(cursor: RowBinaryCursor, read: () => RowValue): RowValue[] {
  const values: RowValue[] = [];
  for (let left = cursor.varint(); left > 0; left -= 1) values.push(read());
  return values;
}
