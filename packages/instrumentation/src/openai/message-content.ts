import {
  type ContentMessage,
  GatheredText,
  type MessagePart,
  textPart,
} from '../model-client/message-parts.ts';
import type { AnswerCollector } from '../model-client/model-call.ts';
import { readField, readList, readNumber, readText } from '../model-client/read-fields.ts';
import type { MethodContent } from '../model-client/wrap-model-client.ts';

/* What chat and responses say, for the capture modes that keep content. Pictures, sound and files are named, not kept. */

export const chatContent: MethodContent = {
  ofRequest: (body) => ({ input: () => readList(body, 'messages').map(chatMessage) }),
  createCollector: createChatCollector,
};

export const responsesContent: MethodContent = {
  ofRequest: (body) => ({
    instructions: () => {
      const instructions = readField(body, 'instructions');
      return typeof instructions === 'string' ? [textPart(instructions)] : undefined;
    },
    input: () => {
      const input = readField(body, 'input');
      if (typeof input === 'string') return [{ role: 'user', parts: [textPart(input)] }];
      return readList(body, 'input').map(responseItem);
    },
  }),
  createCollector: createResponsesCollector,
};

function chatMessage(message: unknown): ContentMessage {
  const role = readText(message, 'role') ?? 'user';
  const callId = readText(message, 'tool_call_id');
  if (callId !== undefined) {
    return {
      role,
      parts: [{ type: 'tool_call_response', id: callId, response: readField(message, 'content') }],
    };
  }
  const toolCalls = readList(message, 'tool_calls').map((call) =>
    toolCallPart(readText(call, 'id'), readField(call, 'function') ?? readField(call, 'custom')),
  );
  return { role, parts: [...contentParts(readField(message, 'content')), ...toolCalls] };
}

function contentParts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return content === '' ? [] : [textPart(content)];
  if (!Array.isArray(content)) return [];
  return content.map((part) => {
    const text = readField(part, 'text') ?? readField(part, 'refusal');
    return typeof text === 'string' ? textPart(text) : { type: readText(part, 'type') ?? 'unknown' };
  });
}

function toolCallPart(id: string | undefined, called: unknown): MessagePart {
  return {
    type: 'tool_call',
    id,
    name: readText(called, 'name'),
    arguments: readField(called, 'arguments') ?? readField(called, 'input'),
  };
}

function responseItem(item: unknown): ContentMessage {
  switch (readText(item, 'type')) {
    case 'function_call':
    case 'custom_tool_call':
      return { role: 'assistant', parts: [toolCallPart(readText(item, 'call_id'), item)] };
    case 'function_call_output':
    case 'custom_tool_call_output':
      return {
        role: 'tool',
        parts: [
          { type: 'tool_call_response', id: readText(item, 'call_id'), response: readField(item, 'output') },
        ],
      };
    case 'message':
    case undefined:
      return { role: readText(item, 'role') ?? 'user', parts: contentParts(readField(item, 'content')) };
    default:
      return { role: 'assistant', parts: [{ type: readText(item, 'type') ?? 'unknown' }] };
  }
}

interface GatheredChoice {
  readonly text: GatheredText;
  readonly toolCalls: Map<number, { id?: string | undefined; name?: string | undefined; args: GatheredText }>;
  finishReason?: string | undefined;
}

function createChatCollector(): AnswerCollector {
  let whole: ContentMessage[] | undefined;
  const choices = new Map<number, GatheredChoice>();
  return {
    readAnswer(answer) {
      whole = readList(answer, 'choices').map((choice) => ({
        ...chatMessage(readField(choice, 'message')),
        finish_reason: readText(choice, 'finish_reason'),
      }));
    },
    readChunk(chunk) {
      for (const choice of readList(chunk, 'choices')) gather(choice);
    },
    messages: () => whole ?? (choices.size === 0 ? undefined : [...choices.values()].map(messageOf)),
  };

  function gather(piece: unknown): void {
    const index = readNumber(piece, 'index') ?? 0;
    const choice: GatheredChoice = choices.get(index) ?? { text: new GatheredText(), toolCalls: new Map() };
    choices.set(index, choice);
    choice.finishReason = readText(piece, 'finish_reason') ?? choice.finishReason;
    const delta = readField(piece, 'delta');
    choice.text.add(readField(delta, 'content') ?? readField(delta, 'refusal'));
    for (const part of readList(delta, 'tool_calls')) {
      const place = readNumber(part, 'index') ?? 0;
      const call = choice.toolCalls.get(place) ?? { args: new GatheredText() };
      choice.toolCalls.set(place, call);
      const called = readField(part, 'function');
      call.id ??= readText(part, 'id');
      call.name ??= readText(called, 'name');
      call.args.add(readField(called, 'arguments'));
    }
  }
}

function messageOf({ text, toolCalls, finishReason }: GatheredChoice): ContentMessage {
  const said = `${text}`;
  const calls = [...toolCalls.values()].map(({ id, name, args }) =>
    toolCallPart(id, { name, arguments: `${args}` }),
  );
  return {
    role: 'assistant',
    parts: [...(said === '' ? [] : [textPart(said)]), ...calls],
    finish_reason: finishReason,
  };
}

/** The last event of the stream holds the whole answer; of a stream left early only its pieces are known. */
function createResponsesCollector(): AnswerCollector {
  let whole: readonly unknown[] | undefined;
  const text = new GatheredText();
  return {
    readAnswer(answer) {
      whole = readList(answer, 'output');
    },
    readChunk(event) {
      const type = readText(event, 'type');
      if (type === 'response.output_text.delta') text.add(readField(event, 'delta'));
      else if (type === 'response.completed' || type === 'response.incomplete') {
        whole = readList(readField(event, 'response'), 'output');
      }
    },
    messages() {
      if (whole !== undefined) return whole.map(responseItem);
      return `${text}` === '' ? undefined : [{ role: 'assistant', parts: [textPart(`${text}`)] }];
    },
  };
}
