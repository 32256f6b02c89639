import { format } from 'node:util';
import { traceLogFields } from '@spanwise/instrumentation';
import { currentTracing } from '../setup-tracing.ts';
import { createLineWriter, type LineOutput } from './log-destination.ts';
import { PINO_SHAPE } from './log-line.ts';

/** The methods of `console` that write a line. */
export type TracedConsole = Pick<Console, 'debug' | 'error' | 'info' | 'log' | 'warn'>;

const METHODS = ['debug', 'error', 'info', 'log', 'warn'] as const satisfies (keyof TracedConsole)[];

export interface TracedConsoleOptions {
  /** Where the lines go; standard output if absent. */
  readonly output?: LineOutput | undefined;
  /** `service.name` of the lines. The name given to `setupTracing`, if absent. */
  readonly serviceName?: string | undefined;
}

/**
 * For programs that log with `console`: writes JSON lines with the ids of the active span and sends them as
 * log records, as `pinoDestination` does. Texts and numbers are formatted into `msg` as `console` formats them;
 * objects become the field `args`, where content keys can be found; an error is told by its type and frames,
 * never by its text. `Object.assign(console, tracedConsole())` puts it in place.
 */
export function tracedConsole(options: TracedConsoleOptions = {}): TracedConsole {
  const writeLine = createLineWriter(PINO_SHAPE, options.output ?? process.stdout);
  const write = (level: string, args: readonly unknown[]) => {
    const error = args.find((argument) => argument instanceof Error);
    const objects = args.filter((argument) => isObject(argument) && !(argument instanceof Error));
    const line = {
      level,
      time: Date.now(),
      ...traceLogFields(options.serviceName ?? currentTracing()?.serviceName),
      msg: format(
        ...args
          .filter((argument) => !objects.includes(argument))
          .map((argument) => (argument instanceof Error ? argument.constructor.name : argument)),
      ),
      ...(objects.length === 0 ? {} : { args: objects }),
      ...(error === undefined
        ? {}
        : { err: { type: error.constructor.name, message: error.message, stack: error.stack } }),
    };
    writeLine(`${serialise(line)}\n`);
  };
  return Object.fromEntries(
    METHODS.map((level) => [level, (...args: unknown[]) => write(level, args)]),
  ) as unknown as TracedConsole;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Logging never throws: what JSON has no form for (a cycle, a getter that fails) costs the objects, not the line. */
function serialise(line: { readonly args?: unknown }): string {
  const replace = (_key: string, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Error ? value.constructor.name : value;
  };
  try {
    return JSON.stringify(line, replace);
  } catch {
    return JSON.stringify({ ...line, args: undefined });
  }
}
