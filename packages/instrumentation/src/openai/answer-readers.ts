import { attributeKey } from '@spanwise/semconv';
import type { AnswerReader, ModelCall } from './model-call.ts';
import { readField, readList, readNumber, readText } from './read-fields.ts';

/** OpenAI's own bound for tools of a request and a sensible one for choices; more is not listed. */
const MAX_LISTED = 128;

/** What OpenAI allows as a tool's name. A model can make one up; then it may be a sentence. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * `chat.completion` and `chat.completion.chunk`: `id`, `model`, `service_tier`, `system_fingerprint`,
 * `choices[].{index, finish_reason}`, `choices[].{message|delta}.tool_calls[].function.name`, `usage`
 * (Groq's streams: `x_groq.usage`).
 */
export function createChatReader(): AnswerReader {
  const finishReasons = new Map<number, string>();
  const toolNames = new Map<string, string>();

  function read(value: unknown, part: 'message' | 'delta', call: ModelCall): void {
    recordHead(value, call);
    for (const [position, choice] of readList(value, 'choices').slice(0, MAX_LISTED).entries()) {
      const index = readNumber(choice, 'index') ?? position;
      const finishReason = readText(choice, 'finish_reason');
      if (finishReason !== undefined && finishReasons.size < MAX_LISTED) {
        finishReasons.set(index, finishReason);
        call.recordList(attributeKey.responseFinishReasons, inOrder(finishReasons));
      }
      const toolCalls = readList(readField(choice, part), 'tool_calls');
      for (const [place, toolCall] of toolCalls.entries()) {
        const key = `${index}.${readNumber(toolCall, 'index') ?? place}`;
        // Of a call that comes in pieces only the first has the name.
        const name = readText(readField(toolCall, 'function') ?? readField(toolCall, 'custom'), 'name');
        recordToolName(key, name, toolNames, call);
      }
    }
    recordUsage(readField(value, 'usage') ?? readField(readField(value, 'x_groq'), 'usage'), call);
  }

  return {
    readAnswer: (answer, call) => read(answer, 'message', call),
    readChunk: (chunk, call) => read(chunk, 'delta', call),
  };
}

/**
 * `response`, and the stream's events that hold one or an item of its output: `id`, `model`, `service_tier`,
 * `status`, `incomplete_details.reason`, `error.code`, `output[].{type, name}`, `usage`.
 */
export function createResponsesReader(): AnswerReader {
  const toolNames = new Map<string, string>();

  function recordItem(item: unknown, place: number, call: ModelCall): void {
    const type = readText(item, 'type');
    if (type !== 'function_call' && type !== 'custom_tool_call') return;
    recordToolName(`${place}`, readText(item, 'name'), toolNames, call);
  }

  function read(response: unknown, call: ModelCall): void {
    recordHead(response, call);
    for (const [place, item] of readList(response, 'output').entries()) recordItem(item, place, call);
    const finishReason = finishReasonOf(response, toolNames.size > 0);
    if (finishReason !== undefined) call.recordList(attributeKey.responseFinishReasons, [finishReason]);
    if (readText(response, 'status') === 'failed') {
      call.recordError(readText(readField(response, 'error'), 'code') ?? 'response_failed');
    }
    recordUsage(readField(response, 'usage'), call);
  }

  return {
    readAnswer: read,
    readChunk(event, call) {
      switch (readText(event, 'type')) {
        case 'response.created':
        case 'response.completed':
        case 'response.incomplete':
        case 'response.failed':
          read(readField(event, 'response'), call);
          break;
        case 'response.output_item.added':
          recordItem(readField(event, 'item'), readNumber(event, 'output_index') ?? toolNames.size, call);
          break;
        case 'error':
          call.recordError(readText(event, 'code') ?? 'response_failed');
          break;
      }
    },
  };
}

/** The answer of `POST /embeddings`: `model`, `usage.prompt_tokens`. `data` is not read. */
export function createEmbeddingsReader(): AnswerReader {
  function read(answer: unknown, call: ModelCall): void {
    call.record(attributeKey.responseModel, readText(answer, 'model'));
    call.recordUsage({ inputTokens: readNumber(readField(answer, 'usage'), 'prompt_tokens') });
  }
  return { readAnswer: read, readChunk: read };
}

function recordHead(value: unknown, call: ModelCall): void {
  call.record(attributeKey.responseId, readText(value, 'id'));
  call.record(attributeKey.responseModel, readText(value, 'model'));
  call.record(attributeKey.openaiResponseServiceTier, readText(value, 'service_tier'));
  call.record(attributeKey.openaiResponseSystemFingerprint, readText(value, 'system_fingerprint'));
}

function recordToolName(
  key: string,
  name: string | undefined,
  toolNames: Map<string, string>,
  call: ModelCall,
): void {
  if (name === undefined || toolNames.has(key) || toolNames.size >= MAX_LISTED) return;
  toolNames.set(key, TOOL_NAME.test(name) ? name : '_OTHER');
  call.recordList(attributeKey.responseToolCalls, [...toolNames.values()]);
}

/** Both APIs' names: chat says prompt and completion, responses input and output. */
function recordUsage(usage: unknown, call: ModelCall): void {
  if (typeof usage !== 'object' || usage === null) return;
  const input = readField(usage, 'prompt_tokens_details') ?? readField(usage, 'input_tokens_details');
  const output = readField(usage, 'completion_tokens_details') ?? readField(usage, 'output_tokens_details');
  call.recordUsage({
    inputTokens: readNumber(usage, 'prompt_tokens') ?? readNumber(usage, 'input_tokens'),
    outputTokens: readNumber(usage, 'completion_tokens') ?? readNumber(usage, 'output_tokens'),
    // DeepSeek's name is the second.
    cacheReadTokens: readNumber(input, 'cached_tokens') ?? readNumber(usage, 'prompt_cache_hit_tokens'),
    cacheWriteTokens: readNumber(input, 'cache_write_tokens'),
    reasoningTokens: readNumber(output, 'reasoning_tokens'),
  });
}

/** The responses API tells a status; said in the words of the chat API, so that both can be counted together. */
function finishReasonOf(response: unknown, asksForTools: boolean): string | undefined {
  switch (readText(response, 'status')) {
    case 'completed':
      return asksForTools ? 'tool_calls' : 'stop';
    case 'incomplete': {
      const reason = readText(readField(response, 'incomplete_details'), 'reason');
      return reason === 'max_output_tokens' ? 'length' : (reason ?? 'incomplete');
    }
    case 'failed':
      return 'error';
    case 'cancelled':
      return 'cancelled';
    default:
      return undefined;
  }
}

function inOrder(byIndex: ReadonlyMap<number, string>): string[] {
  return [...byIndex].sort(([left], [right]) => left - right).map(([, value]) => value);
}
