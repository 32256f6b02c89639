import type { ProblemDocument } from '@spanwise/api';

/** A reply that is not what was asked for, in the server's words. `status` is 0 when no server answered. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly parameter: string | undefined;

  constructor(status: number, code: string, message: string, parameter?: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.parameter = parameter;
  }
}

/** GET of `/api/v1…`. Errors: `ApiError`; an aborted request throws the signal's reason. */
export async function getJson<Reply>(path: string, signal?: AbortSignal): Promise<Reply> {
  const response = await request(path, {}, signal);
  return (await response.json()) as Reply;
}

/** As `getJson`, for replies with a version. Gives `undefined` when the server still has `etag`. */
export async function getJsonUnlessSame<Reply>(
  path: string,
  etag: string | undefined,
  signal?: AbortSignal,
): Promise<{ readonly reply: Reply; readonly etag: string | undefined } | undefined> {
  const response = await request(path, etag === undefined ? {} : { 'If-None-Match': etag }, signal);
  if (response.status === 304) return undefined;
  return { reply: (await response.json()) as Reply, etag: response.headers.get('ETag') ?? undefined };
}

async function request(
  path: string,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      headers: { Accept: 'application/json', ...headers },
      // The browser's cache would turn the 304 into a 200 and hide it.
      cache: 'no-store',
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(
      0,
      'unreachable',
      'The server does not answer. What it stored is kept. Is it still running?',
    );
  }
  if (response.ok || response.status === 304) return response;
  throw await readError(response);
}

async function readError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  if (isProblem(body)) {
    return new ApiError(response.status, body.code, body.detail, body.parameter);
  }
  return new ApiError(response.status, 'unknown', `The server answered with status ${response.status}.`);
}

function isProblem(body: unknown): body is ProblemDocument {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}
