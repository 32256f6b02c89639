import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowBinaryCursor } from './cursor.ts';
import { type RowValue, readRows, readValue } from './reader.ts';
import { encodeValue, varint } from './row-binary-writer.fixture.ts';
import { type ColumnType, parseColumnType } from './types.ts';

describe('the type parser', () => {
  it.each<[string, ColumnType]>([
    ['String', { kind: 'string' }],
    ['FixedString(16)', { kind: 'fixedString', length: 16 }],
    ['UInt64', { kind: 'integer', bits: 64, signed: false }],
    ['Int8', { kind: 'integer', bits: 8, signed: true }],
    ["DateTime64(9, 'UTC')", { kind: 'dateTime64', precision: 9 }],
    ["DateTime('Europe/Paris')", { kind: 'dateTime' }],
    ['LowCardinality(Nullable(String))', { kind: 'nullable', of: { kind: 'string' } }],
    [
      'Map(LowCardinality(String), Array(Int64))',
      {
        kind: 'map',
        key: { kind: 'string' },
        value: { kind: 'array', of: { kind: 'integer', bits: 64, signed: true } },
      },
    ],
    ['Tuple(key String, value Bool)', { kind: 'tuple', of: [{ kind: 'string' }, { kind: 'bool' }] }],
    [
      `Enum8('a, (b' = -1, 'it\\'s' = 2)`,
      {
        kind: 'enum',
        bits: 8,
        names: new Map([
          [-1, 'a, (b'],
          [2, "it's"],
        ]),
      },
    ],
  ])('reads %s', (text, type) => {
    expect(parseColumnType(text)).toEqual(type);
  });

  it('refuses a type it has no reader for', () => {
    expect(() => parseColumnType('Decimal(10, 2)')).toThrow(TypeError);
  });
});

/** A type together with values that it can hold. */
const scalars: fc.Arbitrary<readonly [string, fc.Arbitrary<RowValue>]> = fc.constantFrom<
  readonly [string, fc.Arbitrary<RowValue>]
>(
  ['String', fc.string({ unit: 'grapheme' })],
  ['LowCardinality(String)', fc.string({ minLength: 60, maxLength: 200 })],
  ['FixedString(8)', fc.uint8Array({ minLength: 8, maxLength: 8 })],
  ['Bool', fc.boolean()],
  ['UInt8', fc.nat(255)],
  ['Int16', fc.integer({ min: -32_768, max: 32_767 })],
  ['Int32', fc.integer()],
  ['UInt32', fc.nat(0xffff_ffff)],
  ['Int64', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  ['UInt64', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  ['Float64', fc.double()],
  ['Float32', fc.float()],
  ["DateTime64(9, 'UTC')", fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
);

const typed = fc.letrec<{ any: readonly [string, fc.Arbitrary<RowValue>] }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    tie('any').map(([type, value]) => [`Array(${type})`, fc.array(value, { maxLength: 5 })] as const),
    fc
      .tuple(tie('any'), tie('any'))
      .map(([[a, valueA], [b, valueB]]) => [`Tuple(${a}, ${b})`, fc.tuple(valueA, valueB)] as const),
    fc
      .tuple(scalars, tie('any'))
      .map(
        ([[key, keys], [type, values]]) =>
          [`Map(${key}, ${type})`, fc.array(fc.tuple(keys, values), { maxLength: 5 })] as const,
      ),
    scalars.map(([type, value]) => [`Nullable(${type})`, fc.option(value, { nil: undefined })] as const),
  ),
})).any;

const typedValue = typed.chain(([type, values]) => values.map((value) => [type, value] as const));

describe('the reader', () => {
  it('gives back every value that was written', () => {
    fc.assert(
      fc.property(typedValue, ([text, value]) => {
        const type = parseColumnType(text);
        const cursor = new RowBinaryCursor(encodeValue(type, value));
        expect(readValue(cursor, type)).toEqual(value);
        expect(cursor.atEnd).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('throws on every cut, and never reads past the end', () => {
    fc.assert(
      fc.property(typedValue, fc.nat(), ([text, value], at) => {
        const type = parseColumnType(text);
        const bytes = encodeValue(type, value);
        fc.pre(bytes.length > 0);
        const cut = bytes.subarray(0, at % bytes.length);
        expect(() => readValue(new RowBinaryCursor(cut), type)).toThrow(RangeError);
      }),
    );
  });

  it('keeps bytes that are not UTF-8', () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0xc3);
    const cursor = new RowBinaryCursor(encodeValue({ kind: 'string' }, bytes));
    expect(cursor.stringBytes()).toEqual(bytes);
  });

  it('reads a result with its header', () => {
    const text = (value: string) => encodeValue({ kind: 'string' }, value);
    const result = Buffer.concat([
      ...[varint(2), text('n'), text('name'), text('UInt16'), text('LowCardinality(String)')],
      ...[Uint8Array.of(1, 0), text('a'), Uint8Array.of(2, 1), text('b')],
    ]);
    expect(readRows(result)).toEqual([
      [1, 'a'],
      [258, 'b'],
    ]);
  });

  it('takes no bytes for no rows', () => {
    expect(readRows(new Uint8Array())).toEqual([]);
  });
});
