import { RequestError } from '../shared/request-error.ts';

export interface ClockReading {
  readonly time_zone: string;
  /** `21:05`. */
  readonly time: string;
  /** `Monday, 23 November 2026`. */
  readonly date: string;
}

const ZONES: readonly string[] = [...Intl.supportedValuesOf('timeZone'), 'UTC'];

/**
 * What clocks show in a time zone: `Europe/Berlin`, or a city that a zone is named after.
 * @throws RequestError 422 `unknown_time_zone`.
 */
export function readClock(zoneOrCity: string, now: Date): ClockReading {
  const timeZone = findTimeZone(zoneOrCity);
  if (timeZone === undefined) throw new RequestError(422, 'unknown_time_zone');
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(now);
  const date = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  return { time_zone: timeZone, time, date: date.format(now).replace(/^(\w+) /, '$1, ') };
}

function findTimeZone(zoneOrCity: string): string | undefined {
  const wanted = zoneOrCity.trim().toLowerCase().replaceAll(' ', '_');
  const lowerCase = (zone: string) => zone.toLowerCase();
  return (
    ZONES.find((zone) => lowerCase(zone) === wanted) ??
    ZONES.find((zone) => lowerCase(zone).split('/').at(-1) === wanted)
  );
}
