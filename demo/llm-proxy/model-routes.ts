import { randomUUID } from 'node:crypto';
import { traced } from '@spanwise/sdk';
import type { FastifyInstance } from 'fastify';
import { replyWithEvents } from '../shared/event-stream.ts';
import { RequestError, validate } from '../shared/request-error.ts';
import type { ChatOutcome, Models } from './models.ts';
import {
  ChatRequest,
  DEFAULT_MODEL,
  EmbeddingsRequest,
  formatCompletion,
  formatEmbeddings,
  formatLastChunk,
  formatTextChunk,
} from './openai-api.ts';
import { createRateLimit } from './rate-limit.ts';

/**
 * `/v1/chat/completions` and `/v1/embeddings`. The two spans made here, `chat {model}` and
 * `embeddings {model}`, are the only ones of the demo that carry `gen_ai.usage.*`: whoever adds tokens up
 * counts each once.
 */
export function addModelRoutes(app: FastifyInstance, models: Models, requestsPerMinute: number): void {
  const takePermit = createRateLimit(requestsPerMinute);

  app.post('/v1/chat/completions', async (request, reply) => {
    const chat = validate(ChatRequest, request.body);
    const model = modelFor(chat.model, models.chatModel);
    takePermit();
    const createdSeconds = Math.floor(Date.now() / 1000);
    if (!chat.stream) {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      return formatCompletion(await callModel({ ...chat, model }, () => {}, gone.signal), createdSeconds);
    }
    return replyWithEvents(request, reply, async (send, signal) => {
      const id = `chatcmpl-${randomUUID()}`;
      const sendText = (piece: string) => send(formatTextChunk(id, model, createdSeconds, piece));
      const outcome = await callModel({ ...chat, model }, sendText, signal);
      send(formatLastChunk(id, outcome, createdSeconds));
      send('[DONE]');
    });
  });

  app.post('/v1/embeddings', async (request) => {
    const { model: wanted, input } = validate(EmbeddingsRequest, request.body);
    const model = modelFor(wanted, models.embeddingModel);
    takePermit();
    const outcome = await traced.embedding({ model, provider: models.provider }, async (span) => {
      const texts = typeof input === 'string' ? [input] : input;
      const embedded = await models.embed(model, texts, AbortSignal.timeout(EMBEDDING_TIMEOUT_MILLIS));
      span.recordResponse({ model: embedded.model }).recordUsage({ inputTokens: embedded.inputTokens });
      return embedded;
    });
    return formatEmbeddings(outcome);
  });

  function callModel(
    chat: ChatRequest,
    onText: (piece: string) => void,
    signal: AbortSignal,
  ): Promise<ChatOutcome> {
    const { provider } = models;
    const { model, stream, max_tokens: maxTokens, temperature } = chat;
    const conversationId = chat.metadata?.session_id;
    return traced.llm({ model, provider, stream, maxTokens, temperature, conversationId }, async (span) => {
      const outcome = await models.chat(
        chat,
        (piece) => {
          if (stream) span.recordFirstChunk();
          onText(piece);
        },
        signal,
      );
      const { id, finishReason, usage } = outcome;
      span.recordResponse({ model: outcome.model, id, finishReasons: [finishReason] });
      if (usage !== undefined) span.recordUsage(usage);
      return outcome;
    });
  }

  function modelFor(wanted: string, configured: string): string {
    if (wanted === DEFAULT_MODEL) return configured;
    if (wanted !== configured && !models.acceptsOtherModels) throw new RequestError(404, 'model_not_found');
    return wanted;
  }
}

const EMBEDDING_TIMEOUT_MILLIS = 15_000;
