import { formatDuration } from '@spanwise/analysis';
import { unixMillisFromNano, unixNano } from '@spanwise/model';

export type Zone = 'local' | 'utc';

const integers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,204`; `–` for -1, which means unknown. */
export function formatCount(count: number): string {
  return count < 0 || !Number.isFinite(count) ? '–' : integers.format(count);
}

/** `1 span`, `48 spans`. */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** US dollars: `$0.0061`, `$0.152`, `$12.30`; `–` for -1, which means unknown. */
export function formatCost(dollars: number): string {
  if (dollars < 0 || !Number.isFinite(dollars)) return '–';
  if (dollars === 0) return '$0';
  if (dollars < 0.0001) return '< $0.0001';
  return dollars < 1 ? `$${Number(dollars.toPrecision(dollars < 0.01 ? 2 : 3))}` : `$${dollars.toFixed(2)}`;
}

/** `81 %`, with one decimal below 10 so that small shares can be told apart. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1\u202f%';
  return `${percent < 9.95 && percent > 0 ? percent.toFixed(1) : Math.round(percent)}\u202f%`;
}

/** `10:54:27.001` */
export function formatTime(unixMillis: number, zone: Zone): string {
  return formatterFor(zone, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  }).format(unixMillis);
}

/** `22 Nov 2026, 10:54:27.001`; UTC says so. */
export function formatDateTime(unixMillis: number, zone: Zone): string {
  const date = formatterFor(zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(unixMillis);
  return `${date}, ${formatTime(unixMillis, zone)}${zone === 'utc' ? ' UTC' : ''}`;
}

/** `10:54` or `22 Nov 10:54` where the window is longer than a day: for axes. */
export function formatAxisTime(unixMillis: number, windowMillis: number, zone: Zone): string {
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
  if (windowMillis < 10 * 60_000) time.second = '2-digit';
  if (windowMillis > 86_400_000) Object.assign(time, { day: 'numeric', month: 'short' });
  return formatterFor(zone, time).format(unixMillis);
}

/** `now`, `12 s ago`, `3 min ago`, `2 h ago`, `4 d ago`. */
export function formatAgo(unixMillis: number, nowMillis: number): string {
  const seconds = Math.round((nowMillis - unixMillis) / 1_000);
  if (seconds < 2) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

export function millisOf(unixNanoText: string): number {
  return unixMillisFromNano(unixNano(unixNanoText));
}

/** Three significant digits with an SI step: `1.21 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 0) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${step === 0 ? bytes : (bytes / 1_000 ** step).toPrecision(3)}\u202f${units[step]}`;
}

export { formatDuration };

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      ...options,
      hourCycle: 'h23',
      ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
    });
    formatters.set(key, formatter);
  }
  return formatter;
}
