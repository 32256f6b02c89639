import { CANARY, CHUNK_COUNT, type Wire, type WireRequest } from './wire.ts';

/** Anthropic's wire format: messages and their batches. Its `input_tokens` do not hold the cached ones. */
export const anthropicWire: Wire = {
  json(url, wire) {
    if (url.includes('/messages/batches')) return { id: 'msgbatch_1', type: 'message_batch' };
    if (url.includes('/messages/count_tokens')) return { input_tokens: 100 };
    return url.includes('/messages') ? messageOf(wire) : undefined;
  },
  events: (url, wire) =>
    url.includes('/messages') ? { events: messageEvents(wire), end: '', filler: 5 } : undefined,
  error: (status) => ({
    type: 'error',
    error: { type: status === 429 ? 'rate_limit_error' : 'error', message: `${CANARY} was refused` },
    request_id: 'req_1',
  }),
};

const toolUse = { type: 'tool_use', id: 'toolu_1', name: 'order_lookup', input: { q: CANARY } };
const thinking = { type: 'thinking', thinking: CANARY, signature: CANARY };

const inputUsage = {
  input_tokens: 15,
  cache_read_input_tokens: 80,
  cache_creation_input_tokens: 5,
  cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
  service_tier: 'priority',
};
const outputUsage = { output_tokens: 30, output_tokens_details: { thinking_tokens: 10 } };

function messageOf({ model }: WireRequest): object {
  const isTool = model === 'tools';
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'answerer-2026',
    content: [thinking, isTool ? toolUse : { type: 'text', text: `{"say":"${CANARY}"}` }],
    stop_reason: isTool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    ...(model === 'no-usage' ? {} : { usage: { ...inputUsage, ...outputUsage } }),
  };
}

function messageEvents({ model }: WireRequest): object[] {
  const isTool = model === 'tools';
  const tellsUsage = model !== 'no-usage';
  const start = {
    ...messageOf({ model }),
    content: [],
    stop_reason: null,
    ...(tellsUsage ? { usage: { ...inputUsage, output_tokens: 1 } } : {}),
  };
  const block = isTool ? { ...toolUse, input: {} } : { type: 'text', text: '' };
  const delta = isTool
    ? { type: 'input_json_delta', partial_json: `{"q":"${CANARY}"}` }
    : { type: 'text_delta', text: `${CANARY} ` };
  return [
    { type: 'message_start', message: start },
    { type: 'content_block_start', index: 0, content_block: { ...thinking, thinking: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: CANARY } },
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: block },
    ...Array.from({ length: isTool ? 1 : CHUNK_COUNT }, () => ({
      type: 'content_block_delta',
      index: 1,
      delta,
    })),
    { type: 'content_block_stop', index: 1 },
    ...(model === 'overloaded'
      ? [{ type: 'error', error: { type: 'overloaded_error', message: CANARY } }]
      : []),
    {
      type: 'message_delta',
      delta: { stop_reason: isTool ? 'tool_use' : 'end_turn', stop_sequence: null },
      ...(tellsUsage ? { usage: outputUsage } : {}),
    },
    { type: 'message_stop' },
  ];
}
