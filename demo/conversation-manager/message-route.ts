import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { replyWithEvents, wantsEventStream } from '../shared/event-stream.ts';
import { validate } from '../shared/request-error.ts';
import { SessionId } from '../shared/session-id.ts';
import type { HandleMessage } from './conversation.ts';

const MessageRequest = z.object({ sessionId: SessionId, message: z.string().trim().min(1).max(2000) });

/** `POST /messages`: the whole reply as JSON, or as events `token`…, `done`. */
export function addMessageRoute(app: FastifyInstance, handleMessage: HandleMessage): void {
  app.post('/messages', (request, reply) => {
    const { sessionId, message } = validate(MessageRequest, request.body);
    if (wantsEventStream(request)) {
      return replyWithEvents(request, reply, async (send, signal) => {
        const sendText = (piece: string) => send({ text: piece }, 'token');
        send(await handleMessage({ sessionId, text: message }, sendText, signal), 'done');
      });
    }
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return handleMessage({ sessionId, text: message }, () => {}, gone.signal);
  });
}
