import { describe, expect, it } from 'vitest';
import { OtlpError } from './otlp-error.ts';
import { ProtoReader } from './proto-reader.ts';

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const reader = (hex: string) => new ProtoReader(bytes(hex));

describe('ProtoReader', () => {
  it.each([
    ['one byte', '08', 8],
    ['two bytes', '8501', 133],
    ['longer than needed', '888000', 8],
    ['the largest field number', 'faffffff0f', 0xffff_fffa],
  ])('reads a tag: %s', (_name, hex, tag) => {
    expect(reader(hex).tag()).toBe(tag);
  });

  it.each([
    ['field number 0', '02', 'field number 0'],
    ['field number 0, longer than needed', '8200', 'field number 0'],
    ['wire type 6', '0e', 'unknown wire type'],
    ['wire type 7', '0f', 'unknown wire type'],
    ['field number of more than 29 bits', '8a80808010', 'field number too large'],
    ['end in the middle', '88', 'truncated varint'],
    ['nothing there', '', 'truncated varint'],
  ])('refuses a tag: %s', (_name, hex, message) => {
    expect(() => reader(hex).tag()).toThrow(new OtlpError(message));
  });

  it.each([
    ['zero', '00', 0n],
    ['longer than needed', '8080808000', 0n],
    ['2^32', '8080808010', 2n ** 32n],
    ['2^64 - 1, which is -1', 'ffffffffffffffffff01', 2n ** 64n - 1n],
    ['ten bytes, overflowing: the rest is cut off', 'ffffffffffffffffff7f', 2n ** 64n - 1n],
  ])('reads a varint: %s', (_name, hex, value) => {
    const source = reader(hex);
    const low = source.varint();
    const read = (BigInt(source.high) << 32n) | BigInt(low);
    expect(read).toBe(value);
    expect(source.position).toBe(hex.length / 2);
  });

  it.each([
    ['eleven bytes', 'ffffffffffffffffffff01', 'varint of more than 10 bytes'],
    ['end in the middle', 'ffff', 'truncated varint'],
  ])('refuses a varint: %s', (_name, hex, message) => {
    expect(() => reader(hex).varint()).toThrow(new OtlpError(message));
  });

  it.each([
    ['one byte beyond', '0201', 'length beyond the end'],
    ['of 2^32', '808080801000', 'length beyond the end'],
    ['of -1', 'ffffffffffffffffff01', 'length beyond the end'],
  ])('refuses a length %s', (_name, hex, message) => {
    expect(() => reader(hex).length()).toThrow(new OtlpError(message));
  });

  it.each([
    ['fixed64', '01020304050607'],
    ['fixed32', '010203'],
  ] as const)('refuses a %s that is cut off', (method, hex) => {
    expect(() => reader(hex)[method]()).toThrow(new OtlpError('truncated fixed-size value'));
  });

  it.each([
    ['varint', '0805', 2],
    ['fixed64', '090102030405060708', 9],
    ['bytes', '0a020102', 4],
    ['fixed32', '0d01020304', 5],
    ['group', '0b08050c', 4],
    ['group in a group', '0b13080514090102030405060708', undefined],
    ['group in a group, closed', '0b130805140c', 6],
  ])('skips: %s', (_name, hex, position) => {
    const source = reader(hex);
    const tag = source.tag();
    if (position === undefined) expect(() => source.skip(tag)).toThrow(OtlpError);
    else {
      source.skip(tag);
      expect(source.position).toBe(position);
    }
  });

  it.each([
    ['a group that ends under another number', '0b14', 'end of another group'],
    ['the end of no group', '0c', 'end of a group that did not start'],
    ['groups without end', '0b'.repeat(200), 'groups nested too deep'],
  ])('refuses to skip %s', (_name, hex, message) => {
    const source = reader(hex);
    const tag = source.tag();
    expect(() => source.skip(tag)).toThrow(new OtlpError(message));
  });
});
