/** An error as a log line may show it. */
export interface ReducedError {
  readonly type: string;
  readonly code?: string | number;
  readonly status?: number;
  /** Frames only: functions, files and lines. */
  readonly stack?: string;
}

/** `    at name (file:1:2)`, `    at file:1:2`; nothing that a message would look like. */
const FRAME = /^\s+at (?:.{1,200} )?\(?[^()\s]{1,1000}:\d+:\d+\)?$/;

/** True for what pino's serializer makes of an `Error`, and for the like. */
export function looksLikeError(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && 'message' in value && ('stack' in value || 'type' in value)
  );
}

/**
 * An error without its texts: messages quote prompts, arguments and answers, and libraries hang whole
 * responses on errors as further properties. Type, code, status and the frames of the stack stay.
 */
export function reduceError(error: Readonly<Record<string, unknown>>): ReducedError {
  const { type, name, code, status, statusCode, stack, message } = error;
  const reduced: { type: string; code?: string | number; status?: number; stack?: string } = {
    type: typeof type === 'string' ? type : typeof name === 'string' ? name : 'Error',
  };
  if (typeof code === 'string' || typeof code === 'number') reduced.code = code;
  const httpStatus = status ?? statusCode;
  if (typeof httpStatus === 'number') reduced.status = httpStatus;
  if (typeof stack === 'string') {
    const withoutMessage = typeof message === 'string' ? stack.replaceAll(message, '') : stack;
    const frames = withoutMessage.split('\n').filter((line) => FRAME.test(line));
    if (frames.length > 0) reduced.stack = frames.join('\n');
  }
  return reduced;
}
