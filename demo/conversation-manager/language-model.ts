import { ServiceError } from '@spanwise/sdk';
import { postForEvents } from '../shared/event-stream.ts';
import type { ChatMessage, ToolCall, ToolDefinition } from './chat-message.ts';

export interface ModelTurn {
  readonly text: string;
  /** What the model wants done before it answers. */
  readonly toolCalls: readonly ToolCall[];
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One turn of the model: it answers, piece by piece, or asks for tools. */
export type LanguageModel = (turn: {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  readonly sessionId: string;
  readonly onText: (piece: string) => void;
  readonly signal: AbortSignal;
}) => Promise<ModelTurn>;

/** The fields of a `chat.completion.chunk` that are read. */
interface ChatChunk {
  readonly model: string;
  readonly choices: readonly {
    readonly delta: { readonly content?: string; readonly tool_calls?: readonly ToolCall[] };
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

/** The span of the call, `chat {model}`, is made by the proxy; the client span of the request by `fetch`. */
export function createLanguageModel(llmProxyUrl: string): LanguageModel {
  const url = new URL('/v1/chat/completions', llmProxyUrl).href;
  return async ({ messages, tools, sessionId, onText, signal }) => {
    const request = {
      messages,
      stream: true,
      metadata: { session_id: sessionId },
      ...(tools.length > 0 ? { tools } : {}),
    };
    let text = '';
    let model = 'unknown';
    let usage: ChatChunk['usage'];
    const toolCalls: ToolCall[] = [];
    for await (const { event, data } of postForEvents(url, request, signal)) {
      if (event === 'error') throw new ServiceError('POST /v1/chat/completions', codeIn(data));
      if (data === '[DONE]') break;
      const chunk = JSON.parse(data) as ChatChunk;
      model = chunk.model;
      usage = chunk.usage ?? usage;
      const delta = chunk.choices[0]?.delta;
      if (delta?.content !== undefined) {
        text += delta.content;
        onText(delta.content);
      }
      toolCalls.push(...(delta?.tool_calls ?? []));
    }
    return {
      text,
      toolCalls,
      model,
      inputTokens: usage?.prompt_tokens ?? 0,
      outputTokens: usage?.completion_tokens ?? 0,
    };
  };
}

function codeIn(data: string): string {
  const { code } = JSON.parse(data) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'stream_failed';
}
