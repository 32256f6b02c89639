import type { AttributeValue } from '@spanwise/model';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAttributeText, parseAttributeText } from './attributes.ts';
import { formatNestedValue, parseNestedValue } from './nested-value.ts';

const { value: anyValue } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => new Uint8Array(bytes)),
    fc.constant(undefined),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 })
      .map((entries) => new Map(entries) as AttributeValue),
  ),
}));

describe('nested values as tagged JSON', () => {
  it.each<[string, AttributeValue, string]>([
    ['text', 'a"b', '"a\\"b"'],
    ['nothing', undefined, 'null'],
    ['a double', 1.5, '1.5'],
    ['minus zero', -0, '{"double":"-0"}'],
    ['no number', Number.NaN, '{"double":"NaN"}'],
    ['an int beyond 2^53', 2n ** 60n, '{"int":"1152921504606846976"}'],
    ['bytes', Uint8Array.of(255), '{"bytes":"/w=="}'],
    ['an array', [1, 'a'], '[1,"a"]'],
    [
      'a map, in its order',
      new Map([
        ['2', 'b'],
        ['1', 'a'],
        ['__proto__', 'c'],
      ]),
      '{"map":[["2","b"],["1","a"],["__proto__","c"]]}',
    ],
  ])('%s', (_name, value, text) => {
    expect(formatNestedValue(value)).toBe(text);
    expect(parseNestedValue(text)).toEqual(value);
  });

  it('lose nothing', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(parseNestedValue(formatNestedValue(value))).toEqual(value);
      }),
    );
  });

  it.each([
    '{}',
    '{"int":"x"}',
    '{"int":1}',
    '{"map":[["a"]]}',
    '{"map":[],"int":"1"}',
    '{"other":"1"}',
    '{',
    '',
  ])('are not: %s', (text) => {
    expect(() => parseNestedValue(text)).toThrow(SyntaxError);
  });
});

describe('attribute text', () => {
  it.each<[string, 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7, AttributeValue, string]>([
    ['empty', 0, undefined, ''],
    ['string', 1, 'a', 'a'],
    ['bool', 2, true, 'true'],
    ['int', 3, -(2n ** 63n), '-9223372036854775808'],
    ['double', 4, -0, '-0'],
    ['infinity', 4, Number.POSITIVE_INFINITY, 'Infinity'],
    ['bytes', 5, Uint8Array.of(1, 2), 'AQI='],
    ['array', 6, ['a'], '["a"]'],
    ['map', 7, new Map([['a', 1n]]), '{"map":[["a",{"int":"1"}]]}'],
  ])('of %s', (_name, type, value, text) => {
    expect(formatAttributeText(value)).toBe(text);
    expect(parseAttributeText(type, text)).toEqual(value);
  });
});
