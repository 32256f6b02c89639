import { ServiceError } from '@spanwise/sdk';
import type { z } from 'zod';

/** One thing that is wrong with a request, in words for who wrote it. */
export interface Problem {
  /** `messages.0.role`; empty for the body as a whole. */
  readonly path: string;
  readonly problem: string;
}

/** The body of every answer that is not 2xx. Between services only `code` is read: texts may quote a conversation. */
export interface ErrorBody {
  readonly code: string;
  readonly problems?: readonly Problem[];
}

/** Ends a request with a status and a code. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  readonly code: string;
  readonly problems: readonly Problem[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    details: { problems?: readonly Problem[]; retryAfterSeconds?: number } = {},
  ) {
    super(code);
    this.status = status;
    this.code = code;
    this.problems = details.problems;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** The value as the schema has it. @throws RequestError 400 that lists what is wrong. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => ({
    path: issue.path.join('.'),
    problem: issue.message,
  }));
  throw new RequestError(400, 'invalid_request', { problems });
}

/** What a failed request answers. A failed call to another service is a 502 (504 for a time-out) with its code. */
export function errorAnswer(thrown: unknown): {
  readonly status: number;
  readonly body: ErrorBody;
  readonly retryAfterSeconds?: number | undefined;
} {
  if (thrown instanceof RequestError) {
    const { status, code, problems, retryAfterSeconds } = thrown;
    return { status, body: problems === undefined ? { code } : { code, problems }, retryAfterSeconds };
  }
  if (thrown instanceof ServiceError) {
    return { status: thrown.code === 'timeout' ? 504 : 502, body: { code: thrown.code } };
  }
  // Fastify's own: no JSON, wrong content type, too large. Its texts may quote the body; the code says enough.
  const { statusCode, code } = thrown as { readonly statusCode?: unknown; readonly code?: unknown };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, body: { code: FASTIFY_CODES[String(code)] ?? `http_${statusCode}` } };
  }
  return { status: 500, body: { code: 'internal_error' } };
}

const FASTIFY_CODES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'empty_body',
};
