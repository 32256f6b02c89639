import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackOff, delayAfter, longerDelay } from './back-off.ts';

const AWAY = { status: 'retryable', reason: 'ECONNREFUSED' } as const;

it('delays are spread by a fifth, so that senders do not come back together', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (millis) => {
      const delay = delayAfter(AWAY, millis);
      expect(delay).toBeGreaterThanOrEqual(millis * 0.8);
      expect(delay).toBeLessThanOrEqual(millis * 1.2);
    }),
  );
  expect(new Set(Array.from({ length: 20 }, () => delayAfter(AWAY, 1000))).size).toBeGreaterThan(1);
});

it('what the backend asks for comes first, but no more than five minutes of it', () => {
  expect(delayAfter({ ...AWAY, retryAfterMillis: 60_000 }, 1000)).toBe(60_000);
  expect(delayAfter({ ...AWAY, retryAfterMillis: 86_400_000 }, 1000)).toBe(300_000);
});

it('delays grow to five seconds', () => {
  expect([1000, 1500, 4000, 5000].map(longerDelay)).toEqual([1500, 2250, 5000, 5000]);
});

describe('a backend that is away', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is tried ever more seldom, and at once after it has answered', () => {
    const backOff = new BackOff();
    expect(backOff.remainingMillis).toBeLessThanOrEqual(0);
    const remaining = Array.from({ length: 6 }, () => {
      backOff.fail(AWAY);
      return backOff.remainingMillis;
    });
    expect(remaining[0]).toBeLessThanOrEqual(1200);
    expect(remaining[5]).toBeGreaterThanOrEqual(4000);
    expect(Math.max(...remaining)).toBeLessThanOrEqual(6000);
    backOff.succeed();
    expect(backOff.remainingMillis).toBeLessThanOrEqual(0);
  });
});
