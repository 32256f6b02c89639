import { describe, expect, it } from 'vitest';
import { defaultRetention, parseRetention } from './retention.ts';

const day = 86_400_000;

describe('parseRetention', () => {
  it.each([
    [defaultRetention, { tracesMillis: 14 * day, logsMillis: 7 * day, sizeBytes: 50e9, diskShare: 0.8 }],
    ['traces=36h', { tracesMillis: 1.5 * day, logsMillis: 7 * day }],
    ['payload=36h', { tracesMillis: 14 * day, logsMillis: 7 * day, payloadMillis: 1.5 * day }],
    ['logs=2w', { tracesMillis: 14 * day, logsMillis: 14 * day }],
    ['size=1.5TB', { tracesMillis: 14 * day, logsMillis: 7 * day, sizeBytes: 1.5e12 }],
    [
      ' disk=99.5% , size=500mb ',
      { tracesMillis: 14 * day, logsMillis: 7 * day, sizeBytes: 5e8, diskShare: 0.995 },
    ],
  ])('takes %j', (text, policy) => {
    expect(parseRetention(text)).toEqual(policy);
  });

  it.each([
    ['', 'empty'],
    ['14d', 'no name'],
    ['traces=', 'no value'],
    ['traces=14', 'no unit'],
    ['traces=0d', 'nothing kept'],
    ['traces=99999d', 'over a hundred years'],
    ['traces=1y', 'no such unit'],
    ['spans=1d', 'no such name'],
    ['traces=1d,traces=2d', 'named twice'],
    ['size=50', 'no unit'],
    ['size=0GB', 'nothing kept'],
    ['disk=0.8', 'no percent sign'],
    ['disk=101%', 'more than the disk'],
    ['traces=1d=2d', 'two values'],
    ['traces=1d,', 'an empty part'],
  ])('refuses %j: %s', (text) => {
    expect(parseRetention(text)).toBeUndefined();
  });
});
