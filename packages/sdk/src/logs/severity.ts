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

/**
 * Severity of a pino line, whose level is a number (a custom one counts as the standard level below it) or, by
 * a formatter, a name. Absent if it is neither.
 */
export function severityOf(level: unknown): Severity | undefined {
  if (typeof level === 'number') return LEVELS.find((candidate) => level >= candidate.level);
  if (typeof level === 'string') return LEVELS.find((candidate) => candidate.text === level.toLowerCase());
  return undefined;
}
