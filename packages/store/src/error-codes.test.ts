import { describe, expect, it } from 'vitest';
import { engineErrorFrom } from './error-codes.ts';

describe('an error of the engine', () => {
  it.each([
    [
      "Cannot parse input: expected '\"' before: 'SECRET (CANARY)\"}': (at row 7)\n: While executing. (CANNOT_PARSE_INPUT)",
      'ClickHouse error 27 CANNOT_PARSE_INPUT at row 7',
    ],
    [
      'Unknown identifier `CANARY`. (UNKNOWN_IDENTIFIER) (version 26.7.1.1 (official build))',
      'ClickHouse error 27 UNKNOWN_IDENTIFIER',
    ],
    ['no such thing. (UNKNOWN_TABLE)\n153', 'ClickHouse error 27 UNKNOWN_TABLE'],
    ["broken off behind '(CANARY)', a value", 'ClickHouse error 27 UNKNOWN'],
    ['', 'ClickHouse error 27 UNKNOWN'],
  ])('%j tells code, name and row alone', (text, told) => {
    expect(engineErrorFrom(text, 27).message).toBe(told);
  });

  it('without a code may be tried again', () => {
    expect(engineErrorFrom('CANARY', undefined)).toMatchObject({
      message: 'ClickHouse error ? UNKNOWN',
      retryable: true,
    });
  });
});
