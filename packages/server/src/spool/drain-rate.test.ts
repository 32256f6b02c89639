import { expect, it } from 'vitest';
import { DrainRate } from './drain-rate.ts';

it('tells how long what is too much takes to drain, at the rate of late, within bounds', () => {
  const rate = new DrainRate();
  expect(rate.millisFor(1_000_000)).toBe(5_000);
  for (let n = 0; n < 100; n += 1) rate.add(10_000, 100);
  expect(rate.millisFor(200_000)).toBe(2_000);
  expect(rate.millisFor(1)).toBe(500);
  expect(rate.millisFor(1e12)).toBe(60_000);
  // A slower engine is noticed within some segments.
  for (let n = 0; n < 30; n += 1) rate.add(10_000, 1_000);
  expect(rate.millisFor(200_000)).toBeGreaterThan(12_000);
});
