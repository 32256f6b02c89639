import { createLineWriter, type LineOutput } from './log-destination.ts';
import { PINO_SHAPE } from './log-line.ts';

/** What pino asks of a destination. */
export interface PinoDestination {
  write(line: string): void;
}

export interface PinoDestinationOptions {
  /** Where the line itself goes; standard output if absent. */
  readonly output?: LineOutput | undefined;
}

/**
 * A destination for pino, `pino({ mixin: pinoMixin() }, pinoDestination())`: each line goes to standard output
 * and, as an OTLP log record with the line's trace context, through the export of `setupTracing`. The queue
 * there is bounded, so a dead backend costs records and never a request; before `setupTracing` lines go to
 * standard output only.
 *
 * Errors in a line lose their texts on both ways (`type`, `code`, `status` and stack frames stay) and content
 * keys are dropped: a message thrown by a tool may quote what the user said. `msg` is yours.
 */
export function pinoDestination(options: PinoDestinationOptions = {}): PinoDestination {
  return { write: createLineWriter(PINO_SHAPE, options.output ?? process.stdout) };
}
