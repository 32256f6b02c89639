import { OtlpError } from '@spanwise/otlp';
import { DatabaseTakenError, DataFolderTakenError, EngineError } from '@spanwise/store';
import { ConfigError } from './config/config-error.ts';
import { ListenError } from './listening/listen.ts';
import { SpoolFullError } from './spool/spool-full-error.ts';

/** Errors whose texts we write ourselves, and that quote nothing of what was received. */
const ours = [
  ConfigError,
  DatabaseTakenError,
  DataFolderTakenError,
  EngineError,
  ListenError,
  OtlpError,
  SpoolFullError,
];

/** `    at name (file:1:2)`, `    at file:1:2`; nothing that a message would look like. */
const frame = /^\s+at (?:.{1,200} )?\(?[^()\s]{1,1000}:\d+:\d+\)?$/;

/** An error as a log line may show it. */
export interface LoggedError {
  readonly type: string;
  readonly code?: string | number;
  readonly message?: string;
  /** Of what a parser could not read. */
  readonly position?: number;
  /** Functions, files and lines. */
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/**
 * An error without texts that are not ours: those of parsers and libraries quote what they were given, and that may
 * be a prompt. Type, code, position and stack stay; of the operating system's errors the message, too.
 */
export function errorForLog(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, errno, syscall, message, name, cause } = error as NodeJS.ErrnoException;
  const isKnown = ours.some((known) => error instanceof known);
  const isOfSystem = typeof errno === 'number' && typeof syscall === 'string';
  const position = error instanceof SyntaxError ? /\bposition (\d{1,12})\b/.exec(message)?.[1] : undefined;
  const frames = framesOf(error);
  return {
    type: isKnown || isOfSystem ? name : error.constructor.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...((isKnown || isOfSystem) && { message }),
    ...(position !== undefined && { position: Number(position) }),
    ...(frames !== '' && { stack: frames }),
    ...(cause !== undefined && { cause: errorForLog(cause) }),
  };
}

function framesOf({ stack = '', message }: Error): string {
  const at = stack.indexOf(message);
  const behind = at < 0 ? stack : stack.slice(at + message.length);
  return behind
    .split('\n')
    .filter((line) => frame.test(line))
    .join('\n');
}
