import { describe, expect, it } from 'vitest';
import { formatDuration, formatPartOf } from './format-duration.ts';

describe('formatDuration', () => {
  it.each([
    ['unknown', -1, '–'],
    ['unknown', Number.NaN, '–'],
    ['nothing', 0, '0 ms'],
    ['least', 1, '1 ns'],
    ['last below a microsecond', 999, '999 ns'],
    ['first microsecond', 1e3, '1.00 µs'],
    ['last that reads as microseconds', 999_499, '999 µs'],
    ['first that rounds up a unit', 999_500, '1.00 ms'],
    ['milliseconds', 12e6, '12.0 ms'],
    ['milliseconds', 571.4e6, '571 ms'],
    ['seconds', 5.2149e9, '5.21 s'],
    ['last that reads as seconds', 59.94e9, '59.9 s'],
    ['first that rounds up to a minute', 59.96e9, '1 min 0 s'],
    ['minutes', 100e9, '1 min 40 s'],
    ['last second of an hour', 3_599.6e9, '1 h 0 min'],
    ['hours', 2 * 3_600e9 + 5 * 60e9, '2 h 5 min'],
    ['days', 76 * 3_600e9, '3 d 4 h'],
  ])('%s: %d ns', (_, nanos, expected) => {
    expect(formatDuration(nanos).replaceAll('\u202f', ' ')).toBe(expected);
  });

  it('puts a thin space that does not break before the unit', () => {
    expect(formatDuration(5.21e9)).toBe('5.21\u202fs');
  });
});

describe('formatPartOf', () => {
  it.each([
    ['seconds', 4.2e9, 5.21e9, '4.2 of 5.2 s'],
    ['a hundred and more', 640e6, 812e6, '640 of 812 ms'],
    ['a part that would read as zero', 12e6, 5.21e9, '12.0 ms of 5.21 s'],
    ['below a microsecond', 1, 3, '1 ns of 3 ns'],
  ])('%s', (_, part, whole, expected) => {
    expect(formatPartOf(part, whole).replaceAll('\u202f', ' ')).toBe(expected);
  });
});
