import {
  type ContentMessage,
  GatheredText,
  type MessagePart,
  textPart,
} from '../model-client/message-parts.ts';
import type { AnswerCollector } from '../model-client/model-call.ts';
import { readField, readList, readText } from '../model-client/read-fields.ts';
import type { ContentOfSpan } from '../privacy/content-capture.ts';

/* What a call of the AI SDK says, for the capture modes that keep content. Files and reasoning are named, not kept. */

export function contentOfEvent(event: unknown): ContentOfSpan {
  return {
    instructions: () => {
      const instructions = readField(event, 'instructions');
      return typeof instructions === 'string' ? [textPart(instructions)] : undefined;
    },
    input: () =>
      readList(event, 'messages').map(
        (message): ContentMessage => ({
          role: readText(message, 'role') ?? 'user',
          parts: contentParts(readField(message, 'content')),
        }),
      ),
  };
}

function contentParts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return [textPart(content)];
  return Array.isArray(content) ? content.map(contentPart) : [];
}

function contentPart(part: unknown): MessagePart {
  const type = readText(part, 'type') ?? 'unknown';
  const call = { id: readText(part, 'toolCallId'), name: readText(part, 'toolName') };
  switch (type) {
    case 'text':
      return textPart(String(readField(part, 'text')));
    case 'tool-call':
      return { type: 'tool_call', ...call, arguments: readField(part, 'input') };
    case 'tool-result':
      return { type: 'tool_call_response', id: call.id, response: readField(part, 'output') };
    default:
      return { type };
  }
}

export function createAnswerCollector(): AnswerCollector {
  let whole: MessagePart[] | undefined;
  const text = new GatheredText();
  const others: MessagePart[] = [];
  return {
    readAnswer(result) {
      whole = contentParts(readField(result, 'content'));
    },
    readChunk(part) {
      const type = readText(part, 'type');
      if (type === 'text-delta') text.add(readField(part, 'delta'));
      else if (type === 'tool-call') others.push(contentPart(part));
    },
    messages() {
      const said = `${text}` === '' ? [] : [textPart(`${text}`)];
      const parts = whole ?? [...said, ...others];
      return parts.length === 0 ? undefined : [{ role: 'assistant', parts }];
    },
  };
}
