import { Counter, Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { MetricReadings } from './metric-readings.ts';

it('reads counts by label, and durations from buckets', async () => {
  const registry = new Registry();
  const refused = new Counter({
    name: 'refused_total',
    help: '-',
    labelNames: ['signal', 'reason'],
    registers: [registry],
  });
  refused.inc({ signal: 'spans', reason: 'spool_full' }, 3);
  refused.inc({ signal: 'logs', reason: 'spool_full' }, 2);
  refused.inc({ signal: 'spans', reason: 'disk_full' }, 1);
  const seconds = new Histogram({
    name: 'work_seconds',
    help: '-',
    labelNames: ['route'],
    buckets: [0.001, 0.002, 0.004],
    registers: [registry],
  });
  for (let n = 0; n < 98; n += 1) seconds.observe({ route: '/a' }, 0.0015);
  seconds.observe({ route: '/b' }, 0.003);
  seconds.observe({ route: '/b' }, 9);

  const readings = await MetricReadings.read(registry);
  expect(readings.sum('refused_total')).toBe(6);
  expect(readings.sum('refused_total', { signal: 'spans' })).toBe(4);
  expect(readings.by('refused_total', 'reason')).toEqual({ spool_full: 5, disk_full: 1 });
  const all = readings.durations('work_seconds');
  expect(all.count).toBe(100);
  expect(all.p50Millis).toBeCloseTo(1.51, 1);
  expect(all.p99Millis).toBeCloseTo(4, 1);
  expect(readings.durations('work_seconds', { route: '/b' }).p99Millis).toBe(4);
  expect(readings.durations('nothing')).toEqual({ count: 0, meanMillis: 0, p50Millis: 0, p99Millis: 0 });
});
