import type { Nanos } from '@spanwise/model';

const units = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3_600e9,
  d: 86_400e9,
  w: 604_800e9,
};
const written = ['d', 'h', 'm', 's', 'ms', 'us', 'ns'] as const;

/** The largest that a column of unsigned 64 bits holds is 1.8e19. */
const mostNanos = 1e19;

/** `1.5ms`, `1h30m`, to a whole nanosecond. Absence: undefined for what is longer than 317 years. */
export function parseDuration(text: string): Nanos | undefined {
  let nanos = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h|d|w)/g)) {
    nanos += Number(amount) * units[unit as keyof typeof units];
  }
  const whole = Math.round(nanos);
  return whole <= mostNanos ? whole : undefined;
}

/** The shortest way to write it that `parseDuration` reads back the same, from one up. `nanos` is whole. */
export function formatDuration(nanos: Nanos): string {
  let shortest = `${nanos}ns`;
  for (const unit of written) {
    const text = `${nanos / units[unit]}${unit}`;
    const isPlain = !text.includes('e') && !text.startsWith('0.');
    if (text.length < shortest.length && isPlain && parseDuration(text) === nanos) shortest = text;
  }
  return shortest;
}
