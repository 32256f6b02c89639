import type { Zone } from './format.ts';

/** As `<input type="datetime-local" step="1">` holds it: `2026-11-23T10:54:27`, in the zone. */
export function formatLocalInput(unixMillis: number, zone: Zone): string {
  const shift = zone === 'utc' ? 0 : new Date(unixMillis).getTimezoneOffset() * 60_000;
  return new Date(unixMillis - shift).toISOString().slice(0, 19);
}

/** Unix milliseconds. Absence: undefined for what is no time, such as an empty field. */
export function parseLocalInput(text: string, zone: Zone): number | undefined {
  const millis = Date.parse(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(millis) ? undefined : millis;
}
