import { attributeKey } from '@spanwise/semconv';
import type { AnswerReader, ModelCall } from '../model-client/model-call.ts';
import { readField, readList, readNumber, readText } from '../model-client/read-fields.ts';
import { ToolNames } from '../model-client/tool-names.ts';

/** Choices of one answer; more is not listed. */
const MAX_LISTED = 128;

/**
 * `chat.completion` and `chat.completion.chunk`: `id`, `model`, `service_tier`, `system_fingerprint`,
 * `choices[].{index, finish_reason}`, `choices[].{message|delta}.tool_calls[].function.name`, `usage`
 * (Groq's streams: `x_groq.usage`).
 */
export function createChatReader(): AnswerReader {
  const finishReasons = new Map<number, string>();
  const toolNames = new ToolNames();

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
        toolNames.record(key, name, call);
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
  const toolNames = new ToolNames();

  function recordItem(item: unknown, place: number, call: ModelCall): void {
    const type = readText(item, 'type');
    if (type !== 'function_call' && type !== 'custom_tool_call') return;
    toolNames.record(`${place}`, readText(item, 'name'), call);
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

/**
 * Answers of images, speech and transcription, and their streams' events: `model`, `usage`. Pictures, sound
 * and text are not read. A transcription in plain text, or speech, comes without usage.
 */
export function createMediaReader(): AnswerReader {
  function read(value: unknown, call: ModelCall): void {
    call.record(attributeKey.responseModel, readText(value, 'model'));
    recordUsage(readField(value, 'usage'), call);
  }
  return { readAnswer: read, readChunk: read };
}

/** `batch`: its id. What it will use is told when it is done. */
export function createBatchReader(): AnswerReader {
  function read(batch: unknown, call: ModelCall): void {
    call.record(attributeKey.responseId, readText(batch, 'id'));
  }
  return { readAnswer: read, readChunk: read, tellsUsage: false };
}

function recordHead(value: unknown, call: ModelCall): void {
  call.record(attributeKey.responseId, readText(value, 'id'));
  call.record(attributeKey.responseModel, readText(value, 'model'));
  call.record(attributeKey.openaiResponseServiceTier, readText(value, 'service_tier'));
  call.record(attributeKey.openaiResponseSystemFingerprint, readText(value, 'system_fingerprint'));
}

/** All APIs' names: chat says prompt and completion, the others input and output; transcription `token`. */
function recordUsage(usage: unknown, call: ModelCall): void {
  if (typeof usage !== 'object' || usage === null) return;
  const input =
    readField(usage, 'prompt_tokens_details') ??
    readField(usage, 'input_tokens_details') ??
    readField(usage, 'input_token_details');
  const output = readField(usage, 'completion_tokens_details') ?? readField(usage, 'output_tokens_details');
  call.recordUsage({
    inputTokens: readNumber(usage, 'prompt_tokens') ?? readNumber(usage, 'input_tokens'),
    outputTokens: readNumber(usage, 'completion_tokens') ?? readNumber(usage, 'output_tokens'),
    // DeepSeek's name is the second.
    cacheReadTokens: readNumber(input, 'cached_tokens') ?? readNumber(usage, 'prompt_cache_hit_tokens'),
    cacheWriteTokens: readNumber(input, 'cache_write_tokens'),
    reasoningTokens: readNumber(output, 'reasoning_tokens'),
    audioInputTokens: readNumber(input, 'audio_tokens'),
    imageInputTokens: readNumber(input, 'image_tokens'),
    audioOutputTokens: readNumber(output, 'audio_tokens'),
    imageOutputTokens: readNumber(output, 'image_tokens'),
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
