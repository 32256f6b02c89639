import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import type { OtlpTransport, SendOutcome } from './otlp-transport.ts';

/** Where requests go, with headers, TLS and time-out: what OpenTelemetry makes of `OTEL_EXPORTER_OTLP_*`. */
type HttpConfiguration = ReturnType<typeof convertLegacyHttpOptions>;

/** OTLP/HTTP: the statuses after which a request may be sent again (opentelemetry-proto `docs/specification.md`, "Retryable Response Codes"). */
const RETRYABLE_STATUSES: ReadonlySet<number | undefined> = new Set([429, 502, 503, 504]);

/** An answer to an export is a few bytes; more than this is no OTLP backend. */
const MAX_ANSWER_BYTES = 64 * 1024;

const compress = promisify(gzip);

/**
 * OTLP over HTTP. OpenTelemetry's own transport hides `Retry-After` and can't be interrupted, both of which an
 * exit with a deadline needs.
 */
export class HttpTransport implements OtlpTransport {
  readonly #configuration: HttpConfiguration;
  readonly #running = new Set<ClientRequest>();
  /** Keeps connections; made with the first request. */
  #agent: Agent | undefined;
  #isClosed = false;

  constructor(configuration: HttpConfiguration) {
    this.#configuration = configuration;
  }

  async send(body: Uint8Array): Promise<SendOutcome> {
    try {
      return await this.#send(body);
    } catch (thrown) {
      return { status: 'retryable', reason: thrown instanceof Error ? reasonOf(thrown) : 'no answer' };
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const request of this.#running) request.destroy(new Error('the process ended first'));
    this.#agent?.destroy();
  }

  async #send(body: Uint8Array): Promise<SendOutcome> {
    const { url, headers: headersOf, compression, agentFactory, timeoutMillis } = this.#configuration;
    const { protocol } = new URL(url);
    // Loaded late: an instrumentation that the application registers after us must still find them untouched.
    const { request: sendRequest } = await (protocol === 'https:'
      ? import('node:https')
      : import('node:http'));
    this.#agent ??= await agentFactory(protocol);
    const headers = await headersOf();
    const isCompressed = compression === 'gzip';
    const payload = isCompressed ? await compress(body) : body;
    if (this.#isClosed) return { status: 'retryable', reason: 'the process ended first' };
    return await new Promise((resolve, reject) => {
      const request = sendRequest(url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          ...headers,
          'content-length': payload.byteLength,
          ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
        },
        signal: AbortSignal.timeout(timeoutMillis),
      });
      this.#running.add(request);
      request.on('response', (response) => resolve(readOutcome(response)));
      request.on('error', reject);
      request.on('close', () => {
        this.#running.delete(request);
        reject(new Error('connection closed'));
      });
      request.end(payload);
    });
  }
}

async function readOutcome(response: IncomingMessage): Promise<SendOutcome> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size > MAX_ANSWER_BYTES) return { status: 'refused', reason: 'the answer is too long for OTLP' };
    chunks.push(chunk as Buffer);
  }
  const { statusCode } = response;
  if (statusCode !== undefined && statusCode >= 200 && statusCode < 300) {
    return { status: 'accepted', answer: Buffer.concat(chunks) };
  }
  const reason = `HTTP status ${statusCode}`;
  if (!RETRYABLE_STATUSES.has(statusCode)) return { status: 'refused', reason };
  return {
    status: 'retryable',
    reason,
    retryAfterMillis: parseRetryAfter(response.headers['retry-after'], Date.now()),
  };
}

/** Milliseconds from `now` (RFC 9110, 10.2.3: seconds or a date); absent if it says nothing we understand. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const millis = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(millis) ? undefined : Math.max(0, millis);
}

/** A socket error's code says more than nothing and less than its message might. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return 'no answer in time';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
