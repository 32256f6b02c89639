import { PassThrough } from 'node:stream';
import { ServiceError } from '@spanwise/sdk';
import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fetchWithFaults } from './faults.ts';
import { errorAnswer } from './request-error.ts';

/** A model may think long between two words; a caller waits no longer than this for the whole stream. */
const STREAM_TIMEOUT_MILLIS = 60_000;

/** Until the first byte: as for any other call. */
const ANSWER_TIMEOUT_MILLIS = 15_000;

/** Sends one server-sent event, JSON in `data`. */
export type SendEvent = (data: unknown, event?: string) => void;

export function wantsEventStream(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/event-stream');
}

/**
 * Answers with server-sent events. `produce` runs at once, in the context of the request, so its spans and log
 * lines belong to it; `signal` tells that the reader has gone. An error becomes an `error` event with its code.
 */
export function replyWithEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  produce: (send: SendEvent, signal: AbortSignal) => Promise<void>,
): FastifyReply {
  const stream = new PassThrough();
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const send: SendEvent = (data, event) => {
    if (stream.writable) stream.write(formatEvent(data, event));
  };
  produce(send, gone.signal)
    .catch((error: unknown) => {
      if (gone.signal.aborted) return;
      const { body } = errorAnswer(error);
      request.log.error({ err: error, code: body.code }, 'stream failed');
      send(body, 'error');
    })
    .finally(() => stream.end());
  return reply
    .header('content-type', 'text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(stream);
}

function formatEvent(data: unknown, event: string | undefined): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`;
}

/**
 * Posts JSON and yields the events of the answer. `fetch` is instrumented, so the call has its client span.
 * @throws ServiceError for any answer but a stream.
 */
export async function* postForEvents(
  url: string,
  body: unknown,
  signal: AbortSignal,
): AsyncGenerator<EventSourceMessage> {
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(), ANSWER_TIMEOUT_MILLIS);
  const request = `POST ${url}`;
  try {
    const response = await fetchWithFaults(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, slow.signal, AbortSignal.timeout(STREAM_TIMEOUT_MILLIS)]),
    });
    clearTimeout(timer);
    if (!response.ok || response.body === null) {
      const answer = (await response.json().catch(() => ({}))) as { readonly code?: unknown };
      const code = typeof answer.code === 'string' ? answer.code : `http_${response.status}`;
      throw new ServiceError(request, code, response.status);
    }
    yield* response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  } catch (error) {
    if (error instanceof ServiceError || signal.aborted) throw error;
    throw new ServiceError(request, slow.signal.aborted ? 'timeout' : 'connection_failed', undefined, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
