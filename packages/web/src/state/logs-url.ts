import { defaultLookback } from './search-url.ts';

/** The log page's state as it stands in its URL. */
export interface LogsState {
  readonly service?: string;
  /** This one and worse. */
  readonly severity?: LogSeverity;
  readonly text?: string;
  readonly trace?: string;
  readonly lookback?: string;
}

export const logSeverities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogSeverity = (typeof logSeverities)[number];

const textKeys = ['service', 'text', 'trace'] as const;

/** Total: what makes no sense is left out. */
export function parseLogsState(query: Readonly<Record<string, unknown>>): LogsState {
  const texts: Partial<Record<(typeof textKeys)[number], string>> = {};
  for (const key of textKeys) {
    const value = query[key];
    if (typeof value === 'string' && value.trim() !== '') texts[key] = value;
  }
  const severity = logSeverities.find((name) => name === query.severity);
  const { lookback } = query;
  return {
    ...texts,
    ...(severity === undefined ? {} : { severity }),
    ...(typeof lookback === 'string' && /^\d+[smhdw]$/.test(lookback) ? { lookback } : {}),
  };
}

/** The query string of `GET /api/v1/logs` for a state; equal states give equal strings. */
export function logsQueryOf(state: LogsState): string {
  const query = new URLSearchParams();
  for (const key of [...textKeys, 'severity'] as const) {
    const value = state[key];
    if (value !== undefined) query.set(key, value.trim());
  }
  // A trace is a bound of its own.
  if (state.trace === undefined || state.lookback !== undefined) {
    query.set('lookback', state.lookback ?? defaultLookback);
  }
  return query.toString();
}
