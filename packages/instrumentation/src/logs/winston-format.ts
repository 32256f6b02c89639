import { traceLogFields } from './trace-log-fields.ts';

export interface WinstonFormatOptions {
  /** Put into each line, also outside a span. */
  readonly serviceName?: string | undefined;
}

/** What winston asks of a format, without winston. */
export interface WinstonFormat {
  transform<Info extends object>(info: Info): Info;
}

/**
 * A format for winston that adds the ids of the active span:
 * `winston.createLogger({ format: combine(winstonFormat(), timestamp(), json()) })`. Before `json()`.
 */
export function winstonFormat(options: WinstonFormatOptions = {}): WinstonFormat {
  return { transform: (info) => Object.assign(info, traceLogFields(options.serviceName)) };
}
