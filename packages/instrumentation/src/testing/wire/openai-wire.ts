import { CANARY, CHUNK_COUNT, type Wire, type WireRequest } from './wire.ts';

/** OpenAI's wire format: chat, completions, responses, embeddings, images, audio, batches. */
export const openAiWire: Wire = {
  json(url, wire) {
    if (url.endsWith('/embeddings')) return embeddingsOf(wire);
    if (url.endsWith('/chat/completions')) return completionOf(wire);
    if (url.endsWith('/responses')) return responseOf(wire, 'completed');
    if (url.endsWith('/completions')) return textCompletionOf();
    if (url.includes('/images/')) return imagesOf();
    if (url.endsWith('/audio/speech')) return Buffer.from(CANARY);
    if (url.includes('/audio/')) return transcriptionOf();
    if (url.endsWith('/batches')) return { id: 'batch_1', object: 'batch', status: 'validating' };
    return undefined;
  },
  events(url, wire) {
    if (url.endsWith('/chat/completions'))
      return { events: chatChunks(wire), end: 'data: [DONE]\n\n', filler: 3 };
    if (url.endsWith('/responses')) return { events: responseEvents(wire), end: '', filler: 3 };
    if (url.includes('/images/')) return { events: imageEvents(), end: '', filler: 0 };
    return undefined;
  },
  error: (status) => ({
    error: {
      message: `${CANARY} was refused`,
      type: 'error',
      code: status === 429 ? 'rate_limit_exceeded' : null,
    },
  }),
};

const toolCall = { name: 'order_lookup', arguments: `{"q":"${CANARY}"}` };

const chatHead = {
  id: 'chatcmpl-1',
  created: 1,
  model: 'answerer-2026',
  service_tier: 'flex',
  system_fingerprint: 'fp_1',
};

const chatUsage = {
  prompt_tokens: 100,
  completion_tokens: 30,
  total_tokens: 130,
  prompt_tokens_details: { cached_tokens: 80 },
  completion_tokens_details: { reasoning_tokens: 10 },
};

function completionOf({ model }: WireRequest): object {
  const asksForTools = model === 'tools';
  const message = asksForTools
    ? {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: toolCall }],
      }
    : { role: 'assistant', content: `{"say":"${CANARY}"}` };
  const finish_reason = asksForTools ? 'tool_calls' : 'stop';
  return {
    ...chatHead,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason }],
    ...(model === 'no-usage' ? {} : { usage: chatUsage }),
  };
}

function chatChunks({ model, stream_options }: WireRequest): object[] {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...chatHead,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  });
  const pieces =
    model === 'tools'
      ? [
          chunk({
            tool_calls: [
              { index: 0, id: 'call_1', type: 'function', function: { ...toolCall, arguments: '' } },
            ],
          }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: toolCall.arguments } }] }),
        ]
      : Array.from({ length: CHUNK_COUNT }, () => chunk({ content: `${CANARY} ` }));
  const usage = stream_options?.include_usage === true && model !== 'no-usage';
  return [
    chunk({ role: 'assistant', content: '' }),
    ...pieces,
    chunk({}, model === 'tools' ? 'tool_calls' : 'stop'),
    ...(usage ? [{ ...chatHead, object: 'chat.completion.chunk', choices: [], usage: chatUsage }] : []),
  ];
}

function responseOf({ model }: WireRequest, status: string): object {
  const item =
    model === 'tools'
      ? { id: 'fc_1', type: 'function_call', call_id: 'call_1', status: 'completed', ...toolCall }
      : {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: `{"say":"${CANARY}"}`, annotations: [] }],
        };
  const isDone = status === 'completed';
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'answerer-2026',
    service_tier: 'flex',
    status,
    output: isDone ? [item] : [],
    ...(isDone && model !== 'no-usage'
      ? {
          usage: {
            input_tokens: 100,
            input_tokens_details: { cached_tokens: 80 },
            output_tokens: 30,
            output_tokens_details: { reasoning_tokens: 10 },
            total_tokens: 130,
          },
        }
      : {}),
  };
}

function responseEvents(wire: WireRequest): object[] {
  const isTool = wire.model === 'tools';
  const item = isTool
    ? { id: 'fc_1', type: 'function_call', call_id: 'call_1', ...toolCall, arguments: '' }
    : { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] };
  const part = { type: 'output_text', text: '', annotations: [] };
  const place = { item_id: isTool ? 'fc_1' : 'msg_1', output_index: 0 };
  const events: object[] = [
    { type: 'response.created', response: responseOf(wire, 'in_progress') },
    { type: 'response.output_item.added', output_index: 0, item },
    ...(isTool
      ? [{ type: 'response.function_call_arguments.delta', ...place, delta: toolCall.arguments }]
      : [{ type: 'response.content_part.added', ...place, content_index: 0, part }]),
    ...Array.from({ length: isTool ? 0 : CHUNK_COUNT }, () => ({
      type: 'response.output_text.delta',
      ...place,
      content_index: 0,
      delta: `${CANARY} `,
    })),
    { type: 'response.completed', response: responseOf(wire, 'completed') },
  ];
  return events.map((event, sequence_number) => ({ ...event, sequence_number }));
}

function textCompletionOf(): object {
  return {
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1,
    model: 'answerer-2026',
    choices: [{ index: 0, text: CANARY, finish_reason: 'length', logprobs: null }],
    usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
  };
}

const imageUsage = {
  input_tokens: 20,
  input_tokens_details: { text_tokens: 8, image_tokens: 12 },
  output_tokens: 300,
  total_tokens: 320,
};

function imagesOf(): object {
  return { created: 1, data: [{ b64_json: CANARY, revised_prompt: CANARY }], usage: imageUsage };
}

function imageEvents(): object[] {
  const picture = { b64_json: CANARY, created_at: 1, size: '1024x1024' };
  return [
    { type: 'image_generation.partial_image', partial_image_index: 0, ...picture },
    { type: 'image_generation.completed', ...picture, usage: imageUsage },
  ];
}

function transcriptionOf(): object {
  const input_token_details = { audio_tokens: 40, text_tokens: 2 };
  return {
    text: CANARY,
    usage: { type: 'tokens', input_tokens: 42, output_tokens: 9, total_tokens: 51, input_token_details },
  };
}

function embeddingsOf({ model, encoding_format }: WireRequest): object {
  const vector = Float32Array.of(0.5, -0.5);
  const isPacked = encoding_format === 'base64';
  const embedding = isPacked ? Buffer.from(vector.buffer).toString('base64') : [...vector];
  return {
    object: 'list',
    model: 'embedder-2026',
    data: [{ object: 'embedding', index: 0, embedding }],
    ...(model === 'no-usage' ? {} : { usage: { prompt_tokens: 12, total_tokens: 12 } }),
  };
}
