import type { RetentionPolicy } from '@spanwise/store';

const unitMillis: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** Decimal, as disk makers and `df -H` count. */
const unitBytes: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 };

const hundredYearsMillis = 100 * 365 * 86_400_000;

export const defaultRetention = 'traces=14d,logs=7d,size=50GB,disk=80%';

export const retentionAllowed =
  'parts of `traces=14d,logs=7d,payload=7d,size=50GB,disk=80%`, comma between: ages in h, d or w, size in MB, GB or TB, disk in %';

/**
 * Parses `traces=14d,logs=7d,size=50GB,disk=80%`, parts in any order.
 * Absence: an age left out keeps its default; `payload` (content that is kept at all, and large values) left out
 * lives as long as the traces and logs that it belongs to; `size` or `disk` left out is no bound.
 * Errors: undefined when a part is unknown, repeated, or out of range.
 */
export function parseRetention(text: string): RetentionPolicy | undefined {
  const parts = new Map<string, number>();
  for (const part of text.split(',')) {
    const [name = '', value = '', more] = part.split('=').map((piece) => piece.trim());
    const parse = parsers.get(name);
    const parsed = more === undefined ? parse?.(value) : undefined;
    if (parsed === undefined || parts.has(name)) return undefined;
    parts.set(name, parsed);
  }
  const payloadMillis = parts.get('payload');
  const sizeBytes = parts.get('size');
  const diskShare = parts.get('disk');
  return {
    tracesMillis: parts.get('traces') ?? 14 * unitMillis.d!,
    logsMillis: parts.get('logs') ?? 7 * unitMillis.d!,
    ...(payloadMillis === undefined ? {} : { payloadMillis }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(diskShare === undefined ? {} : { diskShare }),
  };
}

const parsers = new Map<string, (value: string) => number | undefined>([
  ['traces', parseAge],
  ['logs', parseAge],
  ['payload', parseAge],
  ['size', parseSize],
  ['disk', parseShare],
]);

function parseAge(value: string): number | undefined {
  const match = /^(\d{1,6})([hdw])$/.exec(value);
  if (match === null) return undefined;
  const millis = Number(match[1]) * unitMillis[match[2]!]!;
  return millis > 0 && millis <= hundredYearsMillis ? millis : undefined;
}

function parseSize(value: string): number | undefined {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)([MGT]B)$/i.exec(value);
  if (match === null) return undefined;
  const bytes = Math.round(Number(match[1]) * unitBytes[match[2]!.toUpperCase()]!);
  return bytes > 0 ? bytes : undefined;
}

function parseShare(value: string): number | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(value);
  if (match === null) return undefined;
  const share = Number(match[1]) / 100;
  return share > 0 && share <= 1 ? share : undefined;
}
