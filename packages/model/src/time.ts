declare const timeBrand: unique symbol;

/** Nanoseconds since the Unix epoch. A bigint: a double has only microsecond precision today. */
export type UnixNano = bigint & { readonly [timeBrand]: 'unix-nano' };

/** A length of time in nanoseconds, as a double: exact up to 2^53 ns, which is 104 days. */
export type Nanos = number;

export const nanosPerMicro = 1_000;
export const nanosPerMilli = 1_000_000;
export const nanosPerSecond = 1_000_000_000;

export function unixNano(value: bigint | string): UnixNano {
  return BigInt(value) as UnixNano;
}

export function unixNanoFromMillis(millis: number): UnixNano {
  return (BigInt(Math.round(millis * 1_000)) * 1_000n) as UnixNano;
}

/** Loses what is below a microsecond. */
export function unixMillisFromNano(nano: UnixNano): number {
  return Number(nano / 1_000n) / 1_000;
}

/** `later - earlier`; exact up to 104 days. */
export function nanosBetween(earlier: UnixNano, later: UnixNano): Nanos {
  return Number(later - earlier);
}
