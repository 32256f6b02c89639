import { z } from 'zod';
import type { ChatOutcome, EmbeddingOutcome } from './models.ts';

/*
 * The part of OpenAI's API that is served here, field by field as it names them. Fields that are not listed
 * are ignored, as every compatible server does.
 */
const MAX_MESSAGES = 100;
const MAX_CONTENT_CHARS = 64_000;
const MAX_TOOLS = 32;
const MAX_INPUTS = 256;

/** Stands for the model that the proxy is set up with. */
export const DEFAULT_MODEL = 'default';

const ToolCall = z.object({
  id: z.string().max(100),
  type: z.literal('function'),
  function: z.object({ name: z.string().max(64), arguments: z.string().max(4000) }),
});
export type ToolCall = z.output<typeof ToolCall>;

const content = z.string().max(MAX_CONTENT_CHARS);
const Message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content }),
  z.object({ role: z.literal('user'), content }),
  z.object({
    role: z.literal('assistant'),
    content: content.nullish(),
    tool_calls: z.array(ToolCall).max(MAX_TOOLS).optional(),
  }),
  z.object({ role: z.literal('tool'), content, tool_call_id: z.string().max(100) }),
]);
export type Message = z.output<typeof Message>;

const Tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().max(64),
    description: z.string().max(2000).optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
  }),
});

export const ChatRequest = z.object({
  model: z.string().max(100).default(DEFAULT_MODEL),
  messages: z.array(Message).min(1).max(MAX_MESSAGES),
  tools: z.array(Tool).max(MAX_TOOLS).optional(),
  tool_choice: z.enum(['none', 'auto']).optional(),
  stream: z.boolean().default(false),
  max_tokens: z.number().int().min(1).max(16_384).optional(),
  temperature: z.number().min(0).max(2).optional(),
  /** `session_id` becomes `gen_ai.conversation.id`. */
  metadata: z.object({ session_id: z.string().max(100).optional() }).optional(),
});
export type ChatRequest = z.output<typeof ChatRequest>;

export const EmbeddingsRequest = z.object({
  model: z.string().max(100).default(DEFAULT_MODEL),
  input: z.union([
    z.string().max(MAX_CONTENT_CHARS),
    z.array(z.string().max(MAX_CONTENT_CHARS)).min(1).max(MAX_INPUTS),
  ]),
});

/** The answer as one object. */
export function formatCompletion(outcome: ChatOutcome, createdSeconds: number) {
  const message = {
    role: 'assistant',
    content: outcome.toolCalls.length > 0 ? null : outcome.text,
    ...(outcome.toolCalls.length > 0 ? { tool_calls: outcome.toolCalls } : {}),
  };
  return {
    id: outcome.id,
    object: 'chat.completion',
    created: createdSeconds,
    model: outcome.model,
    choices: [{ index: 0, message, finish_reason: outcome.finishReason }],
    ...formatUsage(outcome),
  };
}

/** One piece of a streamed answer. */
export function formatTextChunk(id: string, model: string, createdSeconds: number, piece: string) {
  return formatChunk(id, model, createdSeconds, { content: piece }, null);
}

/** What closes a streamed answer: tool calls if there are any, the reason of the end, the usage. */
export function formatLastChunk(id: string, outcome: ChatOutcome, createdSeconds: number) {
  const calls = outcome.toolCalls.map((call, index) => ({ index, ...call }));
  const delta = calls.length > 0 ? { tool_calls: calls } : {};
  return {
    ...formatChunk(id, outcome.model, createdSeconds, delta, outcome.finishReason),
    ...formatUsage(outcome),
  };
}

function formatChunk(
  id: string,
  model: string,
  created: number,
  delta: object,
  finish_reason: string | null,
) {
  return {
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    choices: [{ index: 0, delta, finish_reason }],
  };
}

function formatUsage({ usage }: ChatOutcome) {
  if (usage === undefined) return {};
  const { inputTokens, outputTokens } = usage;
  return {
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
  };
}

export function formatEmbeddings({ model, vectors, inputTokens }: EmbeddingOutcome) {
  return {
    object: 'list',
    model,
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
    ...(inputTokens === undefined
      ? {}
      : { usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } }),
  };
}
