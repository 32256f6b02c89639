import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from './byte-writer.ts';

const hex = (write: (writer: ByteWriter) => void) => {
  const writer = new ByteWriter(1);
  write(writer);
  return Buffer.from(writer.copy()).toString('hex');
};

describe('ByteWriter', () => {
  it.each<[string, (writer: ByteWriter) => void, string]>([
    ['UInt32', (writer) => writer.uint32(0xffff_fffe), 'feffffff'],
    ['Int64, positive', (writer) => writer.int64(2 ** 33 + 1), '0100000002000000'],
    ['Int64, negative', (writer) => writer.int64(-1), 'ffffffffffffffff'],
    ['Float64', (writer) => writer.float64(1), '000000000000f03f'],
    ['length, one byte', (writer) => writer.varint(127), '7f'],
    ['length, three bytes', (writer) => writer.varint(100_000), 'a08d06'],
    ['zeros', (writer) => writer.zeros(3), '000000'],
  ])('%s', (_name, write, expected) => {
    expect(hex(write)).toBe(expected);
  });

  it('writes any string, from UTF-8 and from ours, alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
        const utf8 = Buffer.from(text);
        const writer = new ByteWriter(1);
        writer.text(utf8, 0, utf8.length);
        const fromBytes = Buffer.from(writer.copy());
        expect(fromBytes.toString('hex')).toBe(hex((other) => other.string(text)));
        expect(fromBytes.subarray(fromBytes.length - utf8.length).toString()).toBe(text);
        expect(writer.repairs).toBe(0);
      }),
    );
  });

  it('repairs and counts what is not UTF-8, short and long', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const writer = new ByteWriter(1);
        writer.text(bytes, 0, bytes.length);
        const repaired = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
        expect(Buffer.from(writer.copy()).toString('hex')).toBe(hex((other) => other.string(repaired)));
        expect(writer.repairs).toBe(Buffer.from(repaired).equals(bytes) ? 0 : 1);
      }),
    );
  });

  it('keeps its copies apart from what comes later', () => {
    const writer = new ByteWriter(8);
    writer.uint8(1);
    const copy = writer.copy();
    writer.clear();
    writer.uint8(2);
    expect([...copy]).toEqual([1]);
  });
});
