import { wrapOpenAI } from '@spanwise/sdk';
import OpenAI, { APIError } from 'openai';
import { RequestError } from '../shared/request-error.ts';
import type { ChatOutcome, Models } from './models.ts';
import type { ChatRequest, ToolCall } from './openai-api.ts';

/** After a time-out, a 429 or a 5xx; the client waits longer each time and obeys Retry-After. */
const MAX_RETRIES = 2;
const TIMEOUT_MILLIS = 14_000;

export interface ProviderOptions {
  readonly apiKey: string | undefined;
  readonly baseUrl: string | undefined;
  readonly chatModel: string;
  readonly embeddingModel: string;
}

/**
 * Forwards to OpenAI or any server that speaks its API. The wrapped client fills the span around a call with
 * what only it knows: the host, retries, cached and reasoning tokens, the first chunk.
 */
export function createProviderModels(options: ProviderOptions): Models {
  const { apiKey = 'not-needed', baseUrl = 'https://api.openai.com/v1', chatModel, embeddingModel } = options;
  const client = wrapOpenAI(
    new OpenAI({ apiKey, baseURL: baseUrl, maxRetries: MAX_RETRIES, timeout: TIMEOUT_MILLIS }),
  );
  return {
    provider: 'openai',
    chatModel,
    embeddingModel,
    acceptsOtherModels: true,
    chat: (request, onText, signal) => asRequestError(() => streamChat(client, request, onText, signal)),
    embed: (model, texts, signal) =>
      asRequestError(async () => {
        const reply = await client.embeddings.create({ model, input: [...texts] }, { signal });
        const vectors = reply.data.map((item) => item.embedding);
        return { model: reply.model, vectors, inputTokens: reply.usage?.prompt_tokens };
      }),
  };
}

async function streamChat(
  client: OpenAI,
  request: ChatRequest & { readonly model: string },
  onText: (piece: string) => void,
  signal: AbortSignal,
): Promise<ChatOutcome> {
  const { model, messages, tools, tool_choice, max_tokens, temperature } = request;
  const stream = await client.chat.completions.create(
    {
      model,
      messages: messages as OpenAI.ChatCompletionMessageParam[],
      stream: true,
      stream_options: { include_usage: true },
      ...(tools === undefined ? {} : { tools: tools as OpenAI.ChatCompletionTool[] }),
      ...(tool_choice === undefined ? {} : { tool_choice }),
      ...(max_tokens === undefined ? {} : { max_tokens }),
      ...(temperature === undefined ? {} : { temperature }),
    },
    { signal },
  );
  let id = '';
  let answeredBy = model;
  let text = '';
  let finishReason = 'stop';
  let usage: ChatOutcome['usage'];
  const toolCalls: ToolCall[] = [];
  for await (const chunk of stream) {
    id = chunk.id;
    answeredBy = chunk.model;
    if (chunk.usage) {
      usage = { inputTokens: chunk.usage.prompt_tokens, outputTokens: chunk.usage.completion_tokens };
    }
    const choice = chunk.choices[0];
    if (choice === undefined) continue;
    finishReason = choice.finish_reason ?? finishReason;
    if (choice.delta.content) {
      text += choice.delta.content;
      onText(choice.delta.content);
    }
    for (const part of choice.delta.tool_calls ?? []) addToolCallPart(toolCalls, part);
  }
  return { id, model: answeredBy, text, toolCalls, finishReason, usage };
}

/** A call comes in pieces: first id and name, then its arguments bit by bit. */
function addToolCallPart(
  toolCalls: ToolCall[],
  part: OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall,
): void {
  toolCalls[part.index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } };
  const call = toolCalls[part.index] as ToolCall;
  call.id += part.id ?? '';
  call.function.name += part.function?.name ?? '';
  call.function.arguments += part.function?.arguments ?? '';
}

/** A provider's error as status and code. Its text may quote the prompt and goes no further. */
async function asRequestError<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    const code = error.status === undefined ? 'provider_unreachable' : `provider_${error.status}`;
    if (error.status !== 429) throw new RequestError(502, code);
    const retryAfterSeconds = Number(error.headers?.get('retry-after')) || 1;
    throw new RequestError(429, code, { retryAfterSeconds });
  }
}
