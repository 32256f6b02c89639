import { randomUUID } from 'node:crypto';
import { currentTraceId, ServiceError, type TracedServiceClient } from '@spanwise/sdk';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { postForEvents, replyWithEvents, wantsEventStream } from '../shared/event-stream.ts';
import { validate } from '../shared/request-error.ts';
import { SessionId } from '../shared/session-id.ts';

const ChatRequest = z.strictObject({
  message: z
    .string('a message is a text')
    .trim()
    .min(1, 'the message is empty')
    .max(2000, 'a message has at most 2000 characters'),
  sessionId: SessionId.optional(),
});

/** What the conversation manager answers; handed on as it is. */
interface Reply {
  readonly answer: string;
  readonly intent: string;
  readonly model: string;
  readonly tokens: { readonly input: number; readonly output: number; readonly total: number };
  readonly tools: readonly string[];
  readonly sources: readonly string[];
}

export interface ChatRouteParts {
  readonly conversationManager: TracedServiceClient;
  readonly conversationManagerUrl: string;
  /** Where a trace can be looked at. */
  readonly uiUrl: string;
}

/**
 * `POST /chat` { message, sessionId? }: the answer with its trace, as JSON, or with
 * `Accept: text/event-stream` as events `token` { text }…, then `done` with the same JSON, or `error` { code }.
 */
export function addChatRoute(app: FastifyInstance, parts: ChatRouteParts): void {
  const { conversationManager, conversationManagerUrl, uiUrl } = parts;
  const streamUrl = new URL('/messages', conversationManagerUrl).href;

  app.post('/chat', async (request, reply) => {
    const { message, sessionId = randomUUID() } = validate(ChatRequest, request.body);
    const traceId = currentTraceId() ?? null;
    const trace = { traceId, traceUrl: traceId === null ? null : new URL(`/trace/${traceId}`, uiUrl).href };
    // Also on an answer that failed: that is the trace one wants to see.
    if (traceId !== null) reply.header('x-trace-id', traceId);
    const body = { sessionId, message };

    if (!wantsEventStream(request)) {
      const answered = await conversationManager.post<Reply>('/messages', body);
      return { ...answered, sessionId, ...trace };
    }
    return replyWithEvents(request, reply, async (send, signal) => {
      send({ sessionId, ...trace }, 'start');
      for await (const { event, data } of postForEvents(streamUrl, body, signal)) {
        if (event === 'error') throw new ServiceError('POST /messages', codeIn(data));
        if (event === 'token') send(data, 'token');
        if (event === 'done') send({ ...(JSON.parse(data) as Reply), sessionId, ...trace }, 'done');
      }
    });
  });
}

function codeIn(data: string): string {
  const { code } = JSON.parse(data) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'stream_failed';
}
