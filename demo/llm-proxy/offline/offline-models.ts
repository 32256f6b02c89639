import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  countTokens as countWithSpecials,
  decodeGenerator,
  encode,
} from 'gpt-tokenizer/encoding/cl100k_base';
import type { ChatOutcome, Models } from '../models.ts';
import type { ChatRequest, Message, ToolCall } from '../openai-api.ts';
import { answer } from './answer.ts';
import { chooseTools } from './choose-tools.ts';
import { embed } from './embed.ts';

export const OFFLINE_CHAT_MODEL = 'spanwise-offline-1';
export const OFFLINE_EMBEDDING_MODEL = 'spanwise-offline-embed-256';

/** Tokens that the chat format adds to each message, as OpenAI documents for its models. */
const TOKENS_PER_MESSAGE = 3;

/** How fast the answerer speaks: a model of middle size behind a good line. */
export interface Pace {
  readonly firstChunkMillis: (inputTokens: number) => number;
  readonly tokensPerSecond: number;
}

const HUMAN_PACE: Pace = {
  firstChunkMillis: (inputTokens) => Math.min(400, 150 + inputTokens * 0.2),
  tokensPerSecond: 75,
};

/**
 * Answers without a network, and says so in its name: it quotes the context it is given and calls tools by
 * rules. Tokens are counted by a real tokenizer, so the numbers in a trace are of the right size.
 */
export function createOfflineModels(pace: Pace = HUMAN_PACE): Models {
  return {
    provider: 'spanwise',
    chatModel: OFFLINE_CHAT_MODEL,
    embeddingModel: OFFLINE_EMBEDDING_MODEL,
    acceptsOtherModels: false,
    chat: (request, onText, signal) => chat(request, onText, signal, pace),
    embed: async (model, texts) => ({
      model,
      vectors: texts.map(embed),
      inputTokens: texts.reduce((sum, text) => sum + countTokens(text), 0),
    }),
  };
}

async function chat(
  request: ChatRequest & { readonly model: string },
  onText: (piece: string) => void,
  signal: AbortSignal,
  pace: Pace,
): Promise<ChatOutcome> {
  const inputTokens = countInput(request);
  const id = `offline-${randomUUID()}`;
  await sleep(pace.firstChunkMillis(inputTokens), undefined, { signal });
  const toolCalls = callTools(request);
  if (toolCalls.length > 0) {
    const outputTokens = countTokens(JSON.stringify(toolCalls.map((call) => call.function)));
    const usage = { inputTokens, outputTokens };
    return { id, model: request.model, text: '', toolCalls, finishReason: 'tool_calls', usage };
  }
  const all = encode(answer(request.messages), AS_TEXT);
  const tokens = all.slice(0, request.max_tokens);
  let text = '';
  let spoken = 0;
  const startedAt = performance.now();
  for (const piece of decodeGenerator(tokens)) {
    text += piece;
    onText(piece);
    spoken += 1;
    const dueMillis = (spoken / pace.tokensPerSecond) * 1000;
    const waitMillis = startedAt + dueMillis - performance.now();
    if (waitMillis > 1 && spoken < tokens.length) await sleep(waitMillis, undefined, { signal });
  }
  const finishReason = tokens.length < all.length ? 'length' : 'stop';
  const usage = { inputTokens, outputTokens: tokens.length };
  return { id, model: request.model, text, toolCalls: [], finishReason, usage };
}

/** Tools are called once for each question: their results are the last word. */
function callTools({ messages, tools = [], tool_choice }: ChatRequest): ToolCall[] {
  if (tool_choice === 'none' || messages.at(-1)?.role !== 'user') return [];
  const offered = new Set(tools.map((tool) => tool.function.name));
  return chooseTools(messages, offered).map((chosen) => ({
    id: `call_${randomUUID()}`,
    type: 'function',
    function: { name: chosen.name, arguments: JSON.stringify(chosen.arguments) },
  }));
}

function countInput({ messages, tools }: ChatRequest): number {
  const inMessages = messages.reduce(
    (sum, message) => sum + TOKENS_PER_MESSAGE + countTokens(textOf(message)),
    0,
  );
  return inMessages + (tools === undefined ? 0 : countTokens(JSON.stringify(tools)));
}

function textOf(message: Message): string {
  const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
  return [message.content ?? '', ...calls.map((call) => JSON.stringify(call.function))].join('\n');
}

/** A prompt may spell out a control token such as `<|endoftext|>`; it is text like any other. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

function countTokens(text: string): number {
  return countWithSpecials(text, AS_TEXT);
}
