import { type DestinationStream, type Logger, pino } from 'pino';
import { errorForLog } from './error-for-log.ts';

export type { Logger } from 'pino';

/**
 * JSON lines on standard error, warnings and worse: standard output belongs to the line that says "ready". Errors
 * come without texts that may quote what was received.
 */
export function createLogger(destination: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level: 'warn',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: errorForLog },
    },
    destination,
  );
}
