import { SeverityNumber } from '@opentelemetry/api';

export interface Severity {
  readonly number: SeverityNumber;
  readonly text: string;
}

/** pino's levels and OpenTelemetry's, from high to low (specification, "Mapping of SeverityNumber"). */
const LEVELS = [
  { level: 60, number: SeverityNumber.FATAL, text: 'fatal' },
  { level: 50, number: SeverityNumber.ERROR, text: 'error' },
  { level: 40, number: SeverityNumber.WARN, text: 'warn' },
  { level: 30, number: SeverityNumber.INFO, text: 'info' },
  { level: 20, number: SeverityNumber.DEBUG, text: 'debug' },
  { level: 10, number: SeverityNumber.TRACE, text: 'trace' },
] as const;

/** Names of winston's npm and syslog levels and of console's methods, as one of the levels above. */
const LEVEL_OF_NAME: Readonly<Record<string, number>> = {
  emerg: 60,
  alert: 60,
  crit: 60,
  warning: 40,
  notice: 30,
  http: 30,
  log: 30,
  verbose: 20,
  silly: 10,
};

/**
 * Severity of a line, whose level is a number of pino (a custom one counts as the standard level below it) or a
 * name. Absent if it is neither.
 */
export function severityOf(level: unknown): Severity | undefined {
  if (typeof level === 'number') return LEVELS.find((candidate) => level >= candidate.level);
  if (typeof level !== 'string') return undefined;
  const name = level.toLowerCase();
  return LEVELS.find(({ text, level: number }) => text === name || number === LEVEL_OF_NAME[name]);
}
