import { attributeKey } from '@spanwise/semconv';
import type { AnswerReader, ModelCall } from '../model-client/model-call.ts';
import { readField, readList, readNumber, readText } from '../model-client/read-fields.ts';
import { ToolNames } from '../model-client/tool-names.ts';

/**
 * What a provider of the AI SDK gives (`LanguageModelV4GenerateResult`, and the parts of its stream):
 * `response.{id, modelId}`, `finishReason`, `usage`, and of `content` the names of tool calls.
 */
export function createModelReader(): AnswerReader {
  const toolNames = new ToolNames();

  function readEnd(end: unknown, call: ModelCall): void {
    const reason = readField(end, 'finishReason');
    // The provider's own word, where it is known.
    const finishReason =
      typeof reason === 'string' ? reason : (readText(reason, 'raw') ?? readText(reason, 'unified'));
    if (finishReason !== undefined) call.recordList(attributeKey.responseFinishReasons, [finishReason]);
    const usage = readField(end, 'usage');
    const input = readField(usage, 'inputTokens');
    const output = readField(usage, 'outputTokens');
    call.recordUsage({
      inputTokens: readNumber(input, 'total'),
      outputTokens: readNumber(output, 'total'),
      cacheReadTokens: readNumber(input, 'cacheRead'),
      cacheWriteTokens: readNumber(input, 'cacheWrite'),
      reasoningTokens: readNumber(output, 'reasoning'),
    });
  }

  function readHead(head: unknown, call: ModelCall): void {
    call.record(attributeKey.responseId, readText(head, 'id'));
    call.record(attributeKey.responseModel, readText(head, 'modelId'));
  }

  return {
    readAnswer(result, call) {
      readHead(readField(result, 'response'), call);
      for (const [place, part] of readList(result, 'content').entries()) {
        if (readText(part, 'type') === 'tool-call')
          toolNames.record(`${place}`, readText(part, 'toolName'), call);
      }
      readEnd(result, call);
    },
    readChunk(part, call) {
      switch (readText(part, 'type')) {
        case 'response-metadata':
          readHead(part, call);
          break;
        case 'tool-call':
          toolNames.record(
            readText(part, 'toolCallId') ?? `${toolNames.size}`,
            readText(part, 'toolName'),
            call,
          );
          break;
        case 'finish':
          readEnd(part, call);
          break;
      }
    },
  };
}

/** `embed` and `embedMany`: `usage.tokens`. */
export function createEmbeddingReader(): AnswerReader {
  function readAnswer(result: unknown, call: ModelCall): void {
    call.recordUsage({ inputTokens: readNumber(readField(result, 'usage'), 'tokens') });
  }
  return { readAnswer, readChunk: readAnswer };
}

/** `rerank`, `generateSpeech`, `transcribe`: no tokens that all providers would tell alike. */
export function createPlainReader(): AnswerReader {
  function readAnswer(result: unknown, call: ModelCall): void {
    call.record(attributeKey.responseModel, readText(readField(result, 'response'), 'modelId'));
  }
  return { readAnswer, readChunk: readAnswer, tellsUsage: false };
}

/** Parts of a stream that come before anything the model said. */
const HEAD_PARTS: ReadonlySet<string> = new Set(['stream-start', 'response-metadata', 'raw']);

export function isHeadPart(part: unknown): boolean {
  return HEAD_PARTS.has(readText(part, 'type') ?? '');
}
