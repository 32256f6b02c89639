import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { validate } from '../shared/request-error.ts';
import { SessionId } from '../shared/session-id.ts';
import { type History, MAX_MESSAGES_KEPT } from './history.ts';

const Path = z.object({ id: SessionId });
const Window = z.object({ limit: z.coerce.number().int().min(1).max(MAX_MESSAGES_KEPT).default(20) });
const Added = z.object({
  messages: z
    .array(z.object({ role: z.enum(['user', 'assistant']), content: z.string().min(1).max(16_000) }))
    .min(1)
    .max(20),
});

export function addHistoryRoutes(app: FastifyInstance, history: History): void {
  app.get('/sessions/:id/messages', async (request) => {
    const { id } = validate(Path, request.params);
    const { limit } = validate(Window, request.query);
    return { messages: await history.read(id, limit) };
  });

  app.post('/sessions/:id/messages', async (request, reply) => {
    const { id } = validate(Path, request.params);
    const { messages } = validate(Added, request.body);
    return reply.code(201).send({ count: await history.append(id, messages) });
  });
}
