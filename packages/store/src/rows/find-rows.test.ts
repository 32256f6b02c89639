import { describe, expect, it } from 'vitest';
import { encodeRow } from '../rows.fixture.ts';
import { structureOf } from '../schema/columns.ts';
import { findRows } from './find-rows.ts';

const structure = structureOf('spans');
const seq = 7n;

function row(number: number, name = `step ${number}`): Uint8Array {
  return encodeRow('spans', {
    ingest_seq: seq,
    row: number,
    name,
    service: 'gateway',
    attributes_string: [['http.route', '/chat']],
    // The beginning of another row, as values: only its place says that it is none.
    input_tokens: seq,
    output_tokens: 1n,
  });
}

const find = (rows: readonly Uint8Array[], rowCount = rows.length) =>
  findRows({ bytes: Buffer.concat(rows), structure, ingestSeq: seq, firstRow: 0, rowCount });

describe('finding rows', () => {
  it('gives each its bytes', () => {
    const rows = [row(0), row(1, 'a longer name'), row(2)];
    let start = 0;
    expect(find(rows)).toEqual(
      rows.map((bytes, n) => {
        const found = { firstRow: n, lastRow: n, start, end: start + bytes.length, isReadable: true };
        start = found.end;
        return found;
      }),
    );
  });

  it.each([
    ['cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 3)],
    ['too long', (bytes: Uint8Array) => Buffer.concat([bytes, new Uint8Array(5)])],
    ['with the length of a string gone wild', (bytes: Uint8Array) => Buffer.from(bytes).fill(0xff, 48, 52)],
    ['under a wrong number', (bytes: Uint8Array) => Buffer.from(bytes).fill(9, 8, 9)],
  ])('finds its way again behind a row that is %s', (_, spoil) => {
    const found = find([row(0), row(1), spoil(row(2)), row(3), row(4)]);
    expect(found.map(({ firstRow, isReadable }) => [firstRow, isReadable])).toEqual([
      [0, true],
      [1, true],
      [2, false],
      [3, true],
      [4, true],
    ]);
  });

  it('gives up where no beginning is left', () => {
    const found = find([row(0), new Uint8Array(40)], 3);
    expect(found.map(({ firstRow, lastRow, isReadable }) => [firstRow, lastRow, isReadable])).toEqual([
      [0, 0, true],
      [1, 2, false],
    ]);
  });
});
