import type { ComparisonOperator, Value } from '@spanwise/filter';
import { attributeTypes } from '@spanwise/model';
import { formatAttributeText } from '../../rows/attributes.ts';
import { hasToken } from '../../schema/attribute-tokens.ts';
import { parseInteger, tokenOf } from '../trace-conditions.ts';
import type { StatementParameters } from './statement-parameters.ts';

/** What a condition asks of an attribute, by the type of its value. Absent: no value of that type satisfies it. */
export interface ValueTest {
  readonly string?: (value: string) => string;
  readonly int?: (value: string) => string;
  readonly double?: (value: string) => string;
  readonly bool?: (value: string) => string;
  /** Of types without columns of their own. */
  readonly other?: true;
  /** Answered by the text index; true of every span that has such an attribute, and perhaps of others. */
  readonly indexed?: string;
}

export function comparisonTest(
  key: string,
  operator: ComparisonOperator,
  value: Value,
  parameters: StatementParameters,
): ValueTest {
  switch (value.type) {
    case 'string':
      return textTest(key, operator === '=', value.value, parameters);
    case 'boolean': {
      const wanted = value.value === (operator === '=');
      return {
        bool: (column) => (wanted ? column : `NOT ${column}`),
        ...(operator === '=' ? { indexed: indexed(`${key}=${value.value}`, parameters) } : {}),
      };
    }
    case 'number': {
      const isWhole = typeof value.value === 'bigint';
      const wanted = parameters.add(value.value, isWhole ? 'Int64' : 'Float64');
      const compare = (column: string) => `${column} ${operator} ${wanted}`;
      return {
        int: compare,
        double: compare,
        ...(operator === '=' && isPlain(value.value)
          ? { indexed: indexed(`${key}=${value.value}`, parameters) }
          : {}),
      };
    }
    case 'duration':
      throw new TypeError('an attribute has no unit'); // no parser lets it through
  }
}

/** Written the same as a whole number and as a double, by us and by the engine. 0 is not: there is -0. */
function isPlain(value: bigint | number): boolean {
  return value !== 0n && value !== 0 && Number.isInteger(Number(value)) && Math.abs(Number(value)) < 1e15;
}

function indexed(token: string, parameters: StatementParameters): string {
  return hasToken(parameters.add(token, 'String'));
}

/** Any value whose text form is equal, or is another one. */
function textTest(key: string, isEqual: boolean, text: string, parameters: StatementParameters): ValueTest {
  const wanted = parameters.add(text, 'String');
  const compare = isEqual ? '=' : '!=';
  /** No value of the type is written so: none is equal, all differ. */
  const never = isEqual ? {} : { all: () => '1' };
  const integer = parseInteger(text);
  const int =
    integer === undefined
      ? never.all
      : (column: string) => `${column} ${compare} ${parameters.add(integer, 'Int64')}`;
  const double = doubleTest(text, isEqual, parameters) ?? never.all;
  const isTruth = text === 'true' || text === 'false';
  const bool = isTruth
    ? (column: string) => ((text === 'true') === isEqual ? column : `NOT ${column}`)
    : never.all;
  return {
    string: (column) => `${column} ${compare} ${wanted}`,
    ...(int === undefined ? {} : { int }),
    ...(double === undefined ? {} : { double }),
    ...(bool === undefined ? {} : { bool }),
    ...(isEqual ? { indexed: tokenOf(parameters.next(), key, text, parameters.values).sql } : {}),
  };
}

/** By its bits: -0 is written otherwise than 0, and NaN is unequal to itself. */
function doubleTest(
  text: string,
  isEqual: boolean,
  parameters: StatementParameters,
): ((column: string) => string) | undefined {
  const double = Number(text);
  // Only what reads back the same: `03` and `3.0` are no text form of 3.
  if (formatAttributeText(double) !== text) return undefined;
  if (Number.isNaN(double)) return (column) => (isEqual ? `isNaN(${column})` : `NOT isNaN(${column})`);
  const bits = (value: string) => `reinterpretAsUInt64(${value})`;
  return (column) => `${bits(column)} ${isEqual ? '=' : '!='} ${bits(parameters.add(double, 'Float64'))}`;
}

export function matchTest(pattern: string, isMatch: boolean, parameters: StatementParameters): ValueTest {
  return { string: (column) => matchSql(column, pattern, isMatch, parameters) };
}

/** Of the whole text. */
export function matchSql(
  column: string,
  pattern: string,
  isMatch: boolean,
  parameters: StatementParameters,
): string {
  const match = `match(${column}, ${parameters.add(`^(?:${pattern})$`, 'String')})`;
  return isMatch ? match : `NOT ${match}`;
}

export const existsTest: ValueTest = {
  string: () => '1',
  int: () => '1',
  double: () => '1',
  bool: () => '1',
  other: true,
};

/** Of a span's own attributes: typed maps. */
export function mapsSql(key: string, test: ValueTest): string {
  const inMap = (map: string, holds: ((value: string) => string) | undefined) =>
    holds === undefined ? [] : [`(mapContains(${map}, ${key}) AND ${holds(`${map}[${key}]`)})`];
  return anyOf([
    ...inMap('attributes_string', test.string),
    ...inMap('attributes_int', test.int),
    ...inMap('attributes_double', test.double),
    ...inMap('attributes_bool', test.bool),
    ...(test.other ? [`arrayExists(a -> a.1 = ${key}, attributes_other)`] : []),
  ]);
}

/** Of all others: lists of key, type and text. */
export function listSql(list: string, key: string, test: ValueTest): string {
  if (test.other) return `arrayExists(a -> a.1 = ${key}, ${list})`;
  const { string, int, double, bool } = attributeTypes;
  const ofType = (type: number, holds: ((value: string) => string) | undefined, value: string) =>
    holds === undefined ? [] : [`(a.2 = ${type} AND ${holds(value)})`];
  const tests = anyOf([
    ...ofType(string, test.string, 'a.3'),
    ...ofType(int, test.int, 'toInt64OrZero(a.3)'),
    ...ofType(double, test.double, 'toFloat64OrZero(a.3)'),
    ...ofType(bool, test.bool, "(a.3 = 'true')"),
  ]);
  return `arrayExists(a -> a.1 = ${key} AND ${tests}, ${list})`;
}

export function anyOf(parts: readonly string[]): string {
  return parts.length === 0 ? '0' : `(${parts.join(' OR ')})`;
}
