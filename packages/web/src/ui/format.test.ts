import { describe, expect, it } from 'vitest';
import { formatLocalInput, parseLocalInput } from './date-time-input.ts';
import { formatCost } from './format.ts';

describe('formatCost', () => {
  it.each([
    [-1, '–'],
    [0, '$0'],
    [0.00001, '< $0.0001'],
    [0.000546, '$0.00055'],
    [0.0061, '$0.0061'],
    [0.1523, '$0.152'],
    [12.3, '$12.30'],
  ])('%s is %s', (dollars, text) => expect(formatCost(dollars)).toBe(text));
});

describe('times in a field', () => {
  const millis = Date.UTC(2026, 10, 23, 10, 54, 27);
  it.each(['utc', 'local'] as const)('are read back as they were written, in %s', (zone) =>
    expect(parseLocalInput(formatLocalInput(millis + 999, zone), zone)).toBe(millis),
  );
  it('stand in the zone', () => expect(formatLocalInput(millis, 'utc')).toBe('2026-11-23T10:54:27'));
  it('are none while the field is empty', () => {
    expect(parseLocalInput('', 'utc')).toBeUndefined();
    expect(parseLocalInput('', 'local')).toBeUndefined();
  });
});
