import { type Nanos, nanosPerMicro, nanosPerMilli, nanosPerSecond } from '@spanwise/model';

/** U+202F, narrow no-break space: between a number and its unit. */
const thinSpace = '\u202f';

const units = [
  { name: 'µs', nanos: nanosPerMicro },
  { name: 'ms', nanos: nanosPerMilli },
  { name: 's', nanos: nanosPerSecond },
] as const;

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * A length of time for people, the same on every screen: three significant digits up to a minute (`5.21 s`,
 * `12.0 ms`), two units from there on (`1 min 40 s`, `2 h 5 min`, `3 d 4 h`). `0 ms` for zero, `–` for what is
 * unknown (negative or not finite).
 */
export function formatDuration(nanos: Nanos): string {
  if (!Number.isFinite(nanos) || nanos < 0) return '–';
  if (nanos === 0) return `0${thinSpace}ms`;
  if (nanos < nanosPerMicro) return `${Math.max(1, Math.round(nanos))}${thinSpace}ns`;
  for (const { name, nanos: unitNanos } of units) {
    const text = (nanos / unitNanos).toPrecision(3);
    // Rounded first: 999.7 µs is `1.00 ms`, and 59.97 s a minute.
    if (Number(text) < (name === 's' ? minute : 1_000)) return `${text}${thinSpace}${name}`;
  }
  const seconds = Math.round(nanos / nanosPerSecond);
  if (seconds < hour) return pair(seconds, minute, 'min', 1, 's');
  const minutes = Math.round(seconds / minute) * minute;
  if (minutes < day) return pair(minutes, hour, 'h', minute, 'min');
  return pair(Math.round(seconds / hour) * hour, day, 'd', hour, 'h');
}

function pair(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const first = Math.floor(seconds / large);
  const second = Math.floor((seconds % large) / small);
  return `${first}${thinSpace}${largeName} ${second}${thinSpace}${smallName}`;
}

/**
 * A part of a whole in the whole's unit: `4.2 of 5.2 s`, `640 of 812 ms`. Where the part would read as zero, and
 * from a minute on, both with their own unit: `12.0 ms of 5.21 s`.
 */
export function formatPartOf(part: Nanos, whole: Nanos): string {
  const own = `${formatDuration(part)} of ${formatDuration(whole)}`;
  const unit = units.findLast(({ nanos }) => whole >= nanos);
  if (unit === undefined || whole >= minute * nanosPerSecond) return own;
  const decimals = whole / unit.nanos < 100 ? 1 : 0;
  const partText = (part / unit.nanos).toFixed(decimals);
  const wholeText = (whole / unit.nanos).toFixed(decimals);
  return Number(partText) === 0 ? own : `${partText} of ${wholeText}${thinSpace}${unit.name}`;
}
