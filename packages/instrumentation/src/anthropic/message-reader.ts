import { attributeKey } from '@spanwise/semconv';
import type { AnswerReader, ModelCall } from '../model-client/model-call.ts';
import { readField, readList, readNumber, readText } from '../model-client/read-fields.ts';
import { ToolNames } from '../model-client/tool-names.ts';

/**
 * `message`, and the stream's events: `id`, `model`, `stop_reason`, `content[].{type, name}` of tool calls,
 * `usage`. No text, no thinking, no tool's input.
 */
export function createMessageReader(): AnswerReader {
  const toolNames = new ToolNames();
  const usage = new MessageUsage();

  function readHead(message: unknown, call: ModelCall): void {
    call.record(attributeKey.responseId, readText(message, 'id'));
    call.record(attributeKey.responseModel, readText(message, 'model'));
  }

  function readStop(holder: unknown, call: ModelCall): void {
    const reason = readText(holder, 'stop_reason');
    if (reason !== undefined) call.recordList(attributeKey.responseFinishReasons, [reason]);
  }

  function readBlock(block: unknown, place: number, call: ModelCall): void {
    if (readText(block, 'type') === 'tool_use') toolNames.record(`${place}`, readText(block, 'name'), call);
  }

  return {
    readAnswer(message, call) {
      readHead(message, call);
      readStop(message, call);
      for (const [place, block] of readList(message, 'content').entries()) readBlock(block, place, call);
      usage.read(readField(message, 'usage'), true, call);
    },
    readChunk(event, call) {
      switch (readText(event, 'type')) {
        case 'message_start': {
          const message = readField(event, 'message');
          readHead(message, call);
          usage.read(readField(message, 'usage'), false, call);
          break;
        }
        case 'content_block_start':
          readBlock(readField(event, 'content_block'), readNumber(event, 'index') ?? 0, call);
          break;
        case 'message_delta':
          readStop(readField(event, 'delta'), call);
          usage.read(readField(event, 'usage'), true, call);
          break;
      }
    },
  };
}

/**
 * Tokens, told in two parts by a stream: the input at its start, the output with its end. Anthropic's
 * `input_tokens` are those that no cache had a part in; the conventions want the sum.
 */
class MessageUsage {
  #uncached: number | undefined;
  #cacheRead: number | undefined;
  #cacheWrite: number | undefined;

  /** @param isFinal False at a stream's start, whose `output_tokens` count only what has begun. */
  read(usage: unknown, isFinal: boolean, call: ModelCall): void {
    if (typeof usage !== 'object' || usage === null) return;
    this.#uncached = readNumber(usage, 'input_tokens') ?? this.#uncached;
    this.#cacheRead = readNumber(usage, 'cache_read_input_tokens') ?? this.#cacheRead;
    this.#cacheWrite = readNumber(usage, 'cache_creation_input_tokens') ?? this.#cacheWrite;
    const inputTokens =
      this.#uncached === undefined
        ? undefined
        : this.#uncached + (this.#cacheRead ?? 0) + (this.#cacheWrite ?? 0);
    call.recordUsage(
      {
        inputTokens,
        cacheReadTokens: this.#cacheRead,
        cacheWriteTokens: this.#cacheWrite,
        outputTokens: isFinal ? readNumber(usage, 'output_tokens') : undefined,
        reasoningTokens: readNumber(readField(usage, 'output_tokens_details'), 'thinking_tokens'),
      },
      isFinal,
    );
    const lives = readField(usage, 'cache_creation');
    call.recordCount(attributeKey.anthropicUsageCacheWrite5m, readNumber(lives, 'ephemeral_5m_input_tokens'));
    call.recordCount(attributeKey.anthropicUsageCacheWrite1h, readNumber(lives, 'ephemeral_1h_input_tokens'));
    call.record(attributeKey.anthropicResponseServiceTier, readText(usage, 'service_tier'));
  }
}

/** `message_batch`: its id. What it will use is told when it is done. */
export function createBatchReader(): AnswerReader {
  function read(batch: unknown, call: ModelCall): void {
    call.record(attributeKey.responseId, readText(batch, 'id'));
  }
  return { readAnswer: read, readChunk: read, tellsUsage: false };
}
