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
  const { type, name, code, status, statusCode, stack } = error;
  const reduced: { type: string; code?: string | number; status?: number; stack?: string } = {
    type: typeof type === 'string' ? type : typeof name === 'string' ? name : 'Error',
  };
  if (typeof code === 'string' || typeof code === 'number') reduced.code = code;
  const httpStatus = status ?? statusCode;
  if (typeof httpStatus === 'number') reduced.status = httpStatus;
  if (typeof stack === 'string') {
    const withoutTexts = textsOf(error).reduce((rest, text) => rest.replaceAll(text, ''), stack);
    const frames = withoutTexts.split('\n').filter((line) => FRAME.test(line));
    if (frames.length > 0) reduced.stack = frames.join('\n');
  }
  return reduced;
}

/**
 * The texts of an error, longest first. `message` may have those of the causes behind it, as pino writes it;
 * the first line of the stack has the error's own.
 */
export function textsOf(error: Readonly<Record<string, unknown>>): string[] {
  const { message, stack } = error;
  const headline = typeof stack === 'string' ? stack.split('\n', 1)[0] : undefined;
  const ownMessage = headline?.slice(headline.indexOf(': ') + 2);
  return [message, ownMessage]
    .filter((text) => typeof text === 'string' && text !== '')
    .map(String)
    .sort((a, b) => b.length - a.length);
}
