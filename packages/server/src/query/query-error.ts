import type { ProblemDocument } from '@spanwise/api';
import type { Parsed } from '@spanwise/jaeger';
import { EngineError } from '@spanwise/store';
import { type ErrorCode, errorCatalogue } from './error-catalogue.ts';

/** What a reader is told, in either API. `code` is for programs and never changes. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly status: number;
  readonly code: ErrorCode;
  readonly parameter: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Where in a filter, and what was meant. */
  readonly place: Pick<ProblemDocument, 'position' | 'didYouMean'>;

  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    options: {
      readonly parameter?: string;
      readonly retryAfterSeconds?: number;
      readonly place?: Pick<ProblemDocument, 'position' | 'didYouMean'>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.parameter = options.parameter;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.place = options.place ?? {};
  }
}

/** (RFC 9457.) */
export const problemContentType = 'application/problem+json';

export function toProblem({ code, status, message, parameter, place }: QueryError): ProblemDocument {
  return {
    type: `urn:spanwise:error:${code}`,
    title: errorCatalogue[code].title,
    status,
    detail: message,
    code,
    ...(parameter === undefined ? {} : { parameter }),
    ...place,
  };
}

export function invalidParameter(parameter: string, message: string): QueryError {
  return new QueryError(400, 'invalid_parameter', `${parameter}: ${message}`, { parameter });
}

/** @throws QueryError 400 with what the parser said. */
export function parsedValue<Value>(parsed: Parsed<Value>): Value {
  if (!parsed.ok) throw new QueryError(400, 'invalid_parameter', parsed.message);
  return parsed.value;
}

export function traceNotFound(): QueryError {
  return new QueryError(
    404,
    'trace_not_found',
    'no span of this trace is stored: it may not have arrived yet, or be older than the retention',
  );
}

export function tooSlow(): QueryError {
  return new QueryError(
    504,
    'too_slow',
    'the question took too long; narrow the time window or add a condition',
  );
}

/** Absence: undefined for what is our own mistake, of which a reader learns nothing. */
export function toQueryError(error: unknown): QueryError | undefined {
  if (error instanceof QueryError) return error;
  if (error instanceof EngineError) {
    if (error.retryable) {
      return new QueryError(503, 'storage_unavailable', 'storage is restarting or busy; ask again', {
        retryAfterSeconds: 1,
      });
    }
    // TIMEOUT_EXCEEDED (ClickHouse, src/Common/ErrorCodes.cpp).
    if (error.code === 159) return tooSlow();
    // TOO_MANY_ROWS_OR_BYTES.
    if (error.code === 396) {
      return new QueryError(400, 'too_large', 'the answer would be too large; narrow the question');
    }
  }
  return undefined;
}
