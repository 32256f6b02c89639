import { nanosPerSecond, type UnixNano, unixNano } from '@spanwise/model';

const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
const int64Max = 2n ** 63n - 1n;

/**
 * Parses a time such as `2026-11-23T02:11:39.123456789Z` or `…+01:00`; digits below a nanosecond are cut.
 * Times that an int64 of nanoseconds since the epoch can't hold, or before the epoch, become its ends: people write
 * year 1 and year 9999 for "everything".
 * Absence: undefined when it is no such time. (RFC 3339, 5.6.)
 */
export function parseRfc3339(text: string): UnixNano | undefined {
  const [, local, fraction = '', sign, hours = '0', minutes = '0'] = pattern.exec(text) ?? [];
  if (local === undefined) return undefined;
  const millis = Date.parse(`${local}Z`);
  // Date.parse takes February 31st for March 3rd.
  if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 19) !== local) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offsetSeconds = (Number(hours) * 60 + Number(minutes)) * 60 * (sign === '-' ? -1 : 1);
  const seconds = BigInt(millis / 1_000 - offsetSeconds);
  return clampTime(seconds * BigInt(nanosPerSecond) + BigInt(fraction.slice(0, 9).padEnd(9, '0')));
}

/** Into what an int64 of nanoseconds since the epoch holds. */
export function clampTime(nanos: bigint): UnixNano {
  if (nanos < 0n) return unixNano(0n);
  return unixNano(nanos > int64Max ? int64Max : nanos);
}
