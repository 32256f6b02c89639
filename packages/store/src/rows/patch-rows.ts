/**
 * Writes the place in the spool into rows that were encoded before it was known: `ingest_seq` (UInt64, bytes 0
 * to 7 of a row) and `row` (UInt32, bytes 8 to 11), little-endian. In place.
 */
export function patchRows(
  rows: Uint8Array,
  rowOffsets: Uint32Array,
  ingestSeq: bigint,
  firstRow: number,
): void {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let index = 0; index < rowOffsets.length; index += 1) {
    const offset = rowOffsets[index]!;
    view.setBigUint64(offset, ingestSeq, true);
    view.setUint32(offset + 8, firstRow + index, true);
  }
}
