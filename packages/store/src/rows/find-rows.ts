import { RowBinaryCursor } from '../row-binary/cursor.ts';
import { readValue } from '../row-binary/reader.ts';
import { type ColumnType, columnTypes } from '../row-binary/types.ts';

/** One row, or, where `isReadable` is false, the bytes in which these rows got lost. */
export interface FoundRows {
  readonly firstRow: number;
  readonly lastRow: number;
  readonly start: number;
  readonly end: number;
  readonly isReadable: boolean;
}

export interface RowsToFind {
  readonly bytes: Uint8Array;
  /** What wrote them; `ingest_seq` and `row` come first in it. */
  readonly structure: string;
  readonly ingestSeq: bigint;
  /** `row` of the first. */
  readonly firstRow: number;
  readonly rowCount: number;
}

/**
 * Where each row begins and ends. RowBinary has nothing between its rows, so one that is not what the structure
 * says hides all behind it; but each begins with its segment's number and its own, which are looked for then.
 * Reads every value: for the rare segment that the engine refused.
 */
export function findRows({
  bytes,
  structure,
  ingestSeq,
  firstRow,
  rowCount,
}: RowsToFind): readonly FoundRows[] {
  const cursor = new RowBinaryCursor(bytes);
  const types = columnTypes(structure);
  const afterLast = firstRow + rowCount;
  const begin = (row: number) => beginningOf(ingestSeq, row);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Whether row `row` can begin there, or, behind the last, whether nothing is left. */
  const isBoundary = (at: number, row: number) =>
    row === afterLast ? at === bytes.length : begin(row).equals(buffer.subarray(at, at + 12));

  const isWhole = (at: number, row: number) => {
    const end = endOfRow(cursor, at, types);
    return end !== undefined && isBoundary(end, row + 1);
  };
  /** The nearest row behind `row` that is whole and begins at `from` or later. */
  const findLater = (row: number, from: number) => {
    for (let later = row + 1; later < Math.min(afterLast, row + 1 + rowsLookedFor); later += 1) {
      // Values may look like a beginning: what follows tells them apart.
      for (
        let at = buffer.indexOf(begin(later), from);
        at !== -1;
        at = buffer.indexOf(begin(later), at + 1)
      ) {
        if (isWhole(at, later)) return { row: later, at };
      }
    }
    return undefined;
  };

  const found: FoundRows[] = [];
  let start = 0;
  for (let row = firstRow; row < afterLast; ) {
    const end = isBoundary(start, row) ? endOfRow(cursor, start, types) : undefined;
    const later = end !== undefined && isBoundary(end, row + 1) ? undefined : findLater(row, start + 1);
    const isLast = row + 1 === afterLast;
    // Where the next row is nowhere, that one is damaged, and not this one.
    if (end !== undefined && (isLast ? end === bytes.length : later?.row !== row + 1)) {
      found.push({ firstRow: row, lastRow: row, start, end, isReadable: true });
      start = end;
      row += 1;
    } else {
      const next = later ?? { row: afterLast, at: bytes.length };
      found.push({ firstRow: row, lastRow: next.row - 1, start, end: next.at, isReadable: false });
      start = next.at;
      row = next.row;
    }
  }
  return found;
}

/** Each costs a look at all that is left of the record. */
const rowsLookedFor = 16;

function beginningOf(ingestSeq: bigint, row: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64LE(ingestSeq, 0);
  bytes.writeUInt32LE(row, 8);
  return bytes;
}

/** Absence: undefined when it is not a row of these types. */
function endOfRow(cursor: RowBinaryCursor, start: number, types: readonly ColumnType[]): number | undefined {
  cursor.offset = start;
  try {
    for (const type of types) readValue(cursor, type);
    return cursor.offset;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
