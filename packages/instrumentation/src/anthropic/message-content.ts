import {
  type ContentMessage,
  GatheredText,
  type MessagePart,
  textPart,
} from '../model-client/message-parts.ts';
import type { AnswerCollector } from '../model-client/model-call.ts';
import { readField, readList, readNumber, readText } from '../model-client/read-fields.ts';
import type { MethodContent } from '../model-client/wrap-model-client.ts';

/** What messages say, for the capture modes that keep content. Pictures, files and thinking are named, not kept. */
export const messageContent: MethodContent = {
  ofRequest: (body) => ({
    instructions: () => {
      const system = readField(body, 'system');
      return system === undefined ? undefined : contentParts(system);
    },
    input: () => readList(body, 'messages').map((message) => contentMessage(message)),
  }),
  createCollector: createMessageCollector,
};

function contentMessage(message: unknown): ContentMessage {
  return {
    role: readText(message, 'role') ?? 'user',
    parts: contentParts(readField(message, 'content')),
    finish_reason: readText(message, 'stop_reason'),
  };
}

function contentParts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return [textPart(content)];
  return Array.isArray(content) ? content.map(contentPart) : [];
}

function contentPart(block: unknown): MessagePart {
  const type = readText(block, 'type') ?? 'unknown';
  switch (type) {
    case 'text':
      return textPart(String(readField(block, 'text')));
    case 'tool_use':
      return {
        type: 'tool_call',
        id: readText(block, 'id'),
        name: readText(block, 'name'),
        arguments: readField(block, 'input'),
      };
    case 'tool_result':
      return {
        type: 'tool_call_response',
        id: readText(block, 'tool_use_id'),
        response: readField(block, 'content'),
      };
    default:
      return { type };
  }
}

interface GatheredBlock {
  readonly block: unknown;
  readonly text: GatheredText;
}

function createMessageCollector(): AnswerCollector {
  let whole: ContentMessage | undefined;
  let finishReason: string | undefined;
  const blocks = new Map<number, GatheredBlock>();
  return {
    readAnswer(message) {
      whole = contentMessage(message);
    },
    readChunk(event) {
      const index = readNumber(event, 'index') ?? 0;
      switch (readText(event, 'type')) {
        case 'content_block_start':
          blocks.set(index, { block: readField(event, 'content_block'), text: new GatheredText() });
          break;
        case 'content_block_delta': {
          const delta = readField(event, 'delta');
          blocks.get(index)?.text.add(readField(delta, 'text') ?? readField(delta, 'partial_json'));
          break;
        }
        case 'message_delta':
          finishReason = readText(readField(event, 'delta'), 'stop_reason');
          break;
      }
    },
    messages() {
      if (whole !== undefined) return [whole];
      if (blocks.size === 0) return undefined;
      const parts = [...blocks.values()].map(({ block, text }) => gatheredPart(block, `${text}`));
      return [{ role: 'assistant', parts, finish_reason: finishReason } satisfies ContentMessage];
    },
  };
}

function gatheredPart(block: unknown, text: string): MessagePart {
  const part = contentPart(block);
  if (part.type === 'text') return textPart(text);
  return part.type === 'tool_call' ? { ...part, arguments: text } : part;
}
