import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on standard error, warnings and worse: standard output belongs to the line that says "ready". */
export function createLogger(): Logger {
  return pino({ level: 'warn', base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}
