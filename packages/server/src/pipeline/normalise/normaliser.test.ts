import type { AttributeValue } from '@spanwise/model';
import { describe, expect, it } from 'vitest';
import { attributes, decoderFor, decodeSpans, span } from '../testing/decode.ts';

const columns = [
  'dialect',
  'operation',
  'provider',
  'request_model',
  'response_model',
  'agent',
  'tool',
  'conversation',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'first_chunk_nanos',
  'cost',
  'cost_state',
] as const;
const unknown = {
  dialect: '',
  operation: '',
  provider: '',
  request_model: '',
  response_model: '',
  agent: '',
  tool: '',
  conversation: '',
  input_tokens: -1n,
  output_tokens: -1n,
  cache_read_tokens: -1n,
  cache_write_tokens: -1n,
  reasoning_tokens: -1n,
  first_chunk_nanos: -1n,
  cost: Number.NaN,
  cost_state: 0,
};
const normalised = (sent: Readonly<Record<string, AttributeValue>>) => {
  const row = decodeSpans([span({ attributes: attributes(sent) })]).read[0]!;
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
};

describe('dialects', () => {
  it.each([
    [
      'OpenTelemetry, new names',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.request.model': 'claude-x',
        'gen_ai.response.model': 'claude-x-1',
        'gen_ai.conversation.id': 'c1',
        'gen_ai.agent.name': 'helper',
        'gen_ai.usage.input_tokens': 100n,
        'gen_ai.usage.output_tokens': 20n,
        'gen_ai.usage.cache_read.input_tokens': 60n,
        'gen_ai.usage.cache_write.input_tokens': 10n,
        'gen_ai.usage.reasoning.output_tokens': 5n,
        'gen_ai.response.time_to_first_chunk': 0.25,
      },
      {
        dialect: 'otel',
        operation: 'chat',
        provider: 'anthropic',
        request_model: 'claude-x',
        response_model: 'claude-x-1',
        conversation: 'c1',
        agent: 'helper',
        input_tokens: 100n,
        output_tokens: 20n,
        cache_read_tokens: 60n,
        cache_write_tokens: 10n,
        reasoning_tokens: 5n,
        first_chunk_nanos: 250_000_000n,
      },
    ],
    [
      'OpenTelemetry, old names',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.system': 'az.ai.openai',
        'gen_ai.usage.prompt_tokens': 7n,
        'gen_ai.usage.completion_tokens': 3n,
        'gen_ai.usage.cache_creation.input_tokens': 2n,
      },
      {
        dialect: 'otel',
        operation: 'chat',
        provider: 'azure.ai.openai',
        input_tokens: 7n,
        output_tokens: 3n,
        cache_write_tokens: 2n,
      },
    ],
    [
      'OpenInference',
      {
        'openinference.span.kind': 'LLM',
        'llm.provider': 'openai',
        'llm.model_name': 'gpt-x',
        'llm.token_count.prompt': 11n,
        'llm.token_count.completion': 4n,
        'llm.token_count.prompt_details.cache_read': 8n,
        'llm.cost.total': 0.0125,
        'session.id': 's1',
      },
      {
        dialect: 'openinference',
        operation: 'chat',
        provider: 'openai',
        request_model: 'gpt-x',
        input_tokens: 11n,
        output_tokens: 4n,
        cache_read_tokens: 8n,
        cost: 0.0125,
        cost_state: 1,
        conversation: 's1',
      },
    ],
    [
      'Vercel AI SDK, with its cache counts in the provider metadata',
      {
        'ai.operationId': 'ai.streamText.doStream',
        'ai.model.provider': 'anthropic.messages',
        'ai.model.id': 'claude-x',
        'ai.usage.inputTokens': 10n,
        'ai.usage.outputTokens': 4n,
        'ai.response.msToFirstChunk': 250.5,
        'ai.telemetry.functionId': 'answer',
        'ai.response.providerMetadata': '{"anthropic":{"cacheCreationInputTokens":100}}',
      },
      {
        dialect: 'vercel',
        operation: 'chat',
        provider: 'anthropic',
        request_model: 'claude-x',
        agent: 'answer',
        input_tokens: 110n,
        output_tokens: 4n,
        cache_write_tokens: 100n,
        first_chunk_nanos: 250_500_000n,
      },
    ],
    [
      'OpenLLMetry, a tool',
      { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'search' },
      { dialect: 'openllmetry', operation: 'execute_tool', tool: 'search' },
    ],
    [
      'OpenLLMetry, a model call',
      { 'llm.request.type': 'completion', 'gen_ai.system': 'OpenAI', 'gen_ai.usage.cost': '0.5' },
      { dialect: 'openllmetry', operation: 'text_completion', provider: 'openai', cost: 0.5, cost_state: 1 },
    ],
    [
      "an operation of one's own",
      { 'gen_ai.operation.name': 'agent_step' },
      { dialect: 'otel', operation: 'agent_step' },
    ],
    ['no agent telemetry at all', { 'http.route': '/' }, {}],
  ] as const)('%s', (_name, sent, expected) => {
    expect(normalised(sent)).toEqual({ ...unknown, ...expected });
  });

  it('trusts the newest name where a span carries several', () => {
    expect(
      normalised({
        'llm.token_count.prompt': 1n,
        'gen_ai.usage.prompt_tokens': 2n,
        'gen_ai.usage.input_tokens': 3n,
        'openinference.span.kind': 'CHAIN',
        'gen_ai.operation.name': 'invoke_agent',
      }),
    ).toMatchObject({ input_tokens: 3n, operation: 'invoke_agent', dialect: 'otel' });
  });
});

describe('token counts', () => {
  it.each([
    ['cache inside the input', 100n, 60n, 40n, 100n],
    ['cache beside the input', 10n, 60n, 40n, 110n],
    ['no input known', undefined, 60n, 40n, -1n],
  ])('%s', (_name, input, read, write, total) => {
    const sent = {
      'gen_ai.operation.name': 'chat',
      ...(input !== undefined && { 'gen_ai.usage.input_tokens': input }),
      'gen_ai.usage.cache_read.input_tokens': read,
      'gen_ai.usage.cache_write.input_tokens': write,
    };
    expect(normalised(sent).input_tokens).toBe(total);
  });

  it.each([
    ['a double', 12, 12n],
    ['digits', '12', 12n],
    ['zero, which is not unknown', 0n, 0n],
    ['a negative number', -1n, -1n],
    ['a fraction', 1.5, -1n],
    ['words', 'many', -1n],
    ['more than 2^53', 2n ** 60n, -1n],
    ['a bool', true, -1n],
  ])('%s', (_name, sent, count) => {
    expect(normalised({ 'gen_ai.usage.output_tokens': sent }).output_tokens).toBe(count);
  });
});

describe('cost', () => {
  const call = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 1_000_000n,
    'gen_ai.usage.cache_read.input_tokens': 400_000n,
    'gen_ai.usage.output_tokens': 100_000n,
  };
  const costOf = (sent: Readonly<Record<string, AttributeValue>>, from = decoderFor()) => {
    const row = decodeSpans([span({ attributes: attributes(sent) })], from).read[0]!;
    return [row.cost, row.cost_state];
  };
  const computed = 2;

  it('is made of counts and listed prices', () => {
    expect(costOf(call)).toEqual([0.6 * 2.5 + 0.4 * 1.25 + 0.1 * 10, computed]);
  });

  it('is by the model that answered', () => {
    expect(costOf({ ...call, 'gen_ai.response.model': 'gpt-4o-mini-2024-07-18' })).toEqual([
      expect.closeTo(0.6 * 0.15 + 0.4 * 0.075 + 0.1 * 0.6, 12),
      computed,
    ]);
  });

  it('is as the sender reported it, where it did', () => {
    expect(costOf({ ...call, 'gen_ai.usage.cost.amount': 0.5 })).toEqual([0.5, 1]);
  });

  it.each([
    ['a model without a price', { 'gen_ai.request.model': 'house-7b' }],
    ['another model that answered', { 'gen_ai.response.model': 'house-7b' }],
    ['another provider', { 'gen_ai.provider.name': 'house' }],
    ['output that nobody counted', { 'gen_ai.usage.output_tokens': 'many' }],
    ['an agent that repeats what its calls used', { 'gen_ai.operation.name': 'invoke_agent' }],
  ] as const)('is unknown for %s', (_, changed) => {
    expect(costOf({ ...call, ...changed })).toEqual([Number.NaN, 0]);
  });

  it("goes by an operator's prices first", () => {
    const own = decoderFor('none', undefined, [
      { providers: [], models: ['house-7b'], input: 1, output: 1 },
      { providers: ['openai'], models: ['gpt-4o'], input: 2, output: 2 },
    ]);
    expect(costOf({ ...call, 'gen_ai.request.model': 'house-7b' }, own)).toEqual([1.1, computed]);
    expect(costOf(call, own)).toEqual([2.2, computed]);
    expect(costOf({ ...call, 'gen_ai.request.model': 'gpt-4.1' }, own)[1]).toBe(computed);
  });

  it('leaves a deployment without a name of its own unknown, with numbers of any size', () => {
    expect(costOf({ ...call, 'gen_ai.request.model': 'x'.repeat(100_000) })).toEqual([Number.NaN, 0]);
  });
});

describe('names', () => {
  it('are cut at 256 bytes, between characters', () => {
    const { agent } = normalised({ 'gen_ai.agent.name': `${'ä'.repeat(127)}xyä€` });
    expect(agent).toBe(`${'ä'.repeat(127)}xy`);
  });
});
