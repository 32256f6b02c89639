import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import { currentTracer } from '../tracer.ts';
import { readBoundedText } from './read-bounded-text.ts';
import { ServiceError } from './service-error.ts';
import { suppressTracing } from './suppress-tracing.ts';

export interface TracedServiceClientOptions {
  /** From sending to the last byte of the answer. 15 s if absent. */
  readonly timeoutMillis?: number | undefined;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

const DEFAULT_TIMEOUT_MILLIS = 15_000;

/** Far above what one service tells another in JSON; a bound so that a wrong answer cannot fill the memory. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** A code as programs write it; keeps sentences out. */
const CODE = /^[A-Za-z0-9_.:-]{1,64}$/;

/**
 * Calls another service with JSON and passes the trace on. Each request is one CLIENT span by the HTTP
 * conventions; its context goes into the headers through the global propagator, once: `fetch`
 * instrumentations are told to stay silent for this request, so there is no second span and no second header.
 */
export class TracedServiceClient {
  readonly #baseUrl: URL;
  readonly #timeoutMillis: number;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: typeof globalThis.fetch | undefined;

  /** @param baseUrl `http://host:8082`, with or without a path; paths of requests are appended to it. */
  constructor(baseUrl: string | URL, options: TracedServiceClientOptions = {}) {
    this.#baseUrl = new URL(baseUrl);
    this.#timeoutMillis = options.timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS;
    this.#headers = options.headers ?? {};
    this.#fetch = options.fetch;
  }

  /** @throws ServiceError for any status but 2xx, for no answer in time, and for an answer that is not JSON. */
  post<T>(path: string, body: unknown): Promise<T> {
    return this.#request<T>('POST', path, JSON.stringify(body));
  }

  /** @throws ServiceError as {@link post}. */
  get<T>(path: string): Promise<T> {
    return this.#request<T>('GET', path, undefined);
  }

  #urlOf(path: string): URL {
    const base = this.#baseUrl.href.replace(/\/+$/, '');
    return new URL(`${base}/${path.replace(/^\/+/, '')}`);
  }

  async #request<T>(method: string, path: string, body: string | undefined): Promise<T> {
    const url = this.#urlOf(path);
    const parent = context.active();
    const span = currentTracer().startSpan(
      method,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          [attributeKey.httpRequestMethod]: method,
          // Without user, password and query: those carry secrets and texts.
          [attributeKey.urlFull]: `${url.origin}${url.pathname}`,
          [attributeKey.serverAddress]: url.hostname,
          [attributeKey.serverPort]: portOf(url),
        },
      },
      parent,
    );
    const spanContext = trace.setSpan(parent, span);
    const headers = new Headers({ accept: 'application/json', ...this.#headers });
    if (body !== undefined) headers.set('content-type', 'application/json');
    propagation.inject(spanContext, headers, { set: (carrier, name, value) => carrier.set(name, value) });
    const request: RequestInit = {
      method,
      headers,
      signal: AbortSignal.timeout(this.#timeoutMillis),
      ...(body === undefined ? {} : { body }),
    };
    const requestName = `${method} ${url.origin}${url.pathname}`;
    try {
      return await context.with(suppressTracing(spanContext), () =>
        this.#send<T>(url, request, requestName, span),
      );
    } catch (thrown) {
      const error =
        thrown instanceof ServiceError
          ? thrown
          : new ServiceError(requestName, transportCode(thrown), undefined, { cause: thrown });
      const type = error.status !== undefined && error.status >= 400 ? String(error.status) : error.code;
      span.setAttribute(attributeKey.errorType, type).setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  async #send<T>(url: URL, request: RequestInit, requestName: string, span: Span): Promise<T> {
    const send = this.#fetch ?? globalThis.fetch;
    const response = await send(url, request);
    span.setAttribute(attributeKey.httpResponseStatusCode, response.status);
    const text = await readBoundedText(response, MAX_RESPONSE_BYTES);
    if (text === undefined) throw new ServiceError(requestName, 'response_too_large', response.status);
    const answer = parseJson(text);
    if (!response.ok) {
      throw new ServiceError(requestName, codeIn(answer) ?? `http_${response.status}`, response.status);
    }
    if (answer === undefined) throw new ServiceError(requestName, 'invalid_response', response.status);
    return answer as T;
  }
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** The parsed text; absent if it is no JSON. An empty body stands for `null`. */
function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `{ code }` or `{ error: { code } }` of an error answer. */
function codeIn(answer: unknown): string | undefined {
  for (const holder of [answer, fieldOf(answer, 'error')]) {
    const code = fieldOf(holder, 'code');
    if (typeof code === 'string' && CODE.test(code)) return code;
  }
  return undefined;
}

function fieldOf(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null
    ? (holder as Record<string, unknown>)[name]
    : undefined;
}

/** Why no answer came. `fetch` wraps the system's error once. */
function transportCode(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'request_failed';
  if (thrown.name === 'TimeoutError') return 'timeout';
  for (const error of [thrown, thrown.cause]) {
    const code = fieldOf(error, 'code');
    if (typeof code === 'string' && CODE.test(code)) return code;
  }
  return 'request_failed';
}
