import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { beforeEach, describe, expect, it } from 'vitest';
import { startSpanRecorder } from '../testing/span-recorder.ts';
import { traced } from './traced.ts';

const recorder = startSpanRecorder();
beforeEach(() => recorder.clear());

/** What each step puts on its span when everything is given: the names of the GenAI conventions. */
const conventions: [
  string,
  () => unknown,
  { name: string; kind: SpanKind; attributes: Record<string, unknown> },
][] = [
  [
    'step',
    () => traced.step('classify_intent', { attributes: { intent: 'order' } }, () => {}),
    { name: 'classify_intent', kind: SpanKind.INTERNAL, attributes: { intent: 'order' } },
  ],
  [
    'guardrail',
    () =>
      traced.guardrail({ name: 'pii', stage: 'input' }, (span) => {
        span.recordOutcome('blocked');
      }),
    {
      name: 'guardrail pii',
      kind: SpanKind.INTERNAL,
      attributes: {
        'gen_ai.operation.name': 'guardrail',
        'spanwise.guardrail.name': 'pii',
        'spanwise.guardrail.stage': 'input',
        'spanwise.guardrail.outcome': 'blocked',
      },
    },
  ],
  [
    'handoff',
    () => traced.handoff({ from: 'triage', to: 'billing' }, () => {}),
    {
      name: 'handoff billing',
      kind: SpanKind.INTERNAL,
      attributes: {
        'gen_ai.operation.name': 'handoff',
        'gen_ai.agent.name': 'billing',
        'spanwise.handoff.source': 'triage',
      },
    },
  ],
  [
    'evaluation',
    () =>
      traced.evaluation({ name: 'relevance' }, (span) => {
        span.recordScore({ value: 0.8, label: 'pass' });
      }),
    {
      name: 'evaluate relevance',
      kind: SpanKind.INTERNAL,
      attributes: {
        'gen_ai.operation.name': 'evaluate',
        'gen_ai.evaluation.name': 'relevance',
        'gen_ai.evaluation.score.value': 0.8,
        'gen_ai.evaluation.score.label': 'pass',
      },
    },
  ],
  [
    'step without options',
    () => traced.step('vector_search', () => {}),
    { name: 'vector_search', kind: SpanKind.INTERNAL, attributes: {} },
  ],
  [
    'agent',
    () =>
      traced.agent(
        { name: 'support', id: 'a-1', conversationId: 'c-1', attributes: { 'session.id': 's' } },
        () => {},
      ),
    {
      name: 'invoke_agent support',
      kind: SpanKind.INTERNAL,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'support',
        'gen_ai.agent.id': 'a-1',
        'gen_ai.conversation.id': 'c-1',
        'session.id': 's',
      },
    },
  ],
  [
    'agent with its own span name',
    () => traced.agent({ name: 'support', spanName: 'handle_message' }, () => {}),
    {
      name: 'handle_message',
      kind: SpanKind.INTERNAL,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'support' },
    },
  ],
  [
    'workflow',
    () => traced.workflow({ name: 'triage' }, () => {}),
    {
      name: 'invoke_workflow triage',
      kind: SpanKind.INTERNAL,
      attributes: { 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': 'triage' },
    },
  ],
  [
    'tool',
    () => traced.tool({ name: 'calculator', callId: 'call_1', type: 'function' }, () => {}),
    {
      name: 'execute_tool calculator',
      kind: SpanKind.INTERNAL,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'calculator',
        'gen_ai.tool.call.id': 'call_1',
        'gen_ai.tool.type': 'function',
      },
    },
  ],
  [
    'retrieval',
    () => traced.retrieval({ dataSourceId: 'handbook', topK: 4 }, () => {}),
    {
      name: 'retrieval handbook',
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'retrieval',
        'gen_ai.data_source.id': 'handbook',
        'gen_ai.retrieval.top_k': 4,
      },
    },
  ],
  [
    'embedding',
    () =>
      traced.embedding(
        { model: 'e-1', provider: 'openai', dimensions: 256, serverAddress: 'llm', serverPort: 8085 },
        () => {},
      ),
    {
      name: 'embeddings e-1',
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'e-1',
        'gen_ai.embeddings.dimension.count': 256,
        'server.address': 'llm',
        'server.port': 8085,
      },
    },
  ],
  [
    'rerank',
    () => traced.rerank({ model: 'bm25' }, () => {}),
    {
      name: 'rerank bm25',
      kind: SpanKind.INTERNAL,
      attributes: { 'gen_ai.operation.name': 'rerank', 'gen_ai.request.model': 'bm25' },
    },
  ],
  [
    'memory',
    () => traced.memory({ operation: 'search_memory', storeId: 'sessions' }, () => {}),
    {
      name: 'search_memory',
      kind: SpanKind.CLIENT,
      attributes: { 'gen_ai.operation.name': 'search_memory', 'gen_ai.memory.store.id': 'sessions' },
    },
  ],
  [
    'llm',
    () =>
      traced.llm(
        {
          model: 'm-1',
          provider: 'openai',
          stream: true,
          maxTokens: 100,
          temperature: 0.5,
          seed: 7,
          outputType: 'json',
        },
        () => {},
      ),
    {
      name: 'chat m-1',
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'm-1',
        'gen_ai.request.stream': true,
        'gen_ai.request.max_tokens': 100,
        'gen_ai.request.temperature': 0.5,
        'gen_ai.request.seed': 7,
        'gen_ai.output.type': 'json',
      },
    },
  ],
];

describe('the names, kinds and attributes of the conventions', () => {
  it.each(conventions)('%s', (_, run, expected) => {
    run();
    const [span] = recorder.spans();
    expect({ name: span?.name, kind: span?.kind, attributes: span?.attributes }).toEqual(expected);
  });
});

/** Every step, with as little as it takes. */
const steps: Record<string, <Result>(fn: () => Result) => Result> = {
  step: (fn) => traced.step('s', fn),
  agent: (fn) => traced.agent({ name: 's' }, fn),
  workflow: (fn) => traced.workflow({ name: 's' }, fn),
  tool: (fn) => traced.tool({ name: 's' }, fn),
  retrieval: (fn) => traced.retrieval({}, fn),
  embedding: (fn) => traced.embedding({ model: 's', provider: 'openai' }, fn),
  rerank: (fn) => traced.rerank({}, fn),
  memory: (fn) => traced.memory({ operation: 'create_memory' }, fn),
  llm: (fn) => traced.llm({ model: 's', provider: 'openai' }, fn),
};

class ToolBroke extends Error {}

describe.each(Object.entries(steps))('traced.%s', (_, run) => {
  it('returns a value unchanged and ends the span', () => {
    const value = { answer: 42 };
    expect(run(() => value)).toBe(value);
    expect(recorder.spans()).toHaveLength(1);
    expect(recorder.spans()[0]?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('keeps the span open until a promise settles', async () => {
    const work = Promise.withResolvers<string>();
    const result = run(() => work.promise);
    expect(recorder.spans()).toHaveLength(0);
    work.resolve('done');
    expect(await result).toBe('done');
    expect(recorder.spans()).toHaveLength(1);
  });

  it('throws an error on unchanged and names its class, not its message', () => {
    const error = new ToolBroke('canary');
    expect(() =>
      run(() => {
        throw error;
      }),
    ).toThrow(error);
    const [span] = recorder.spans();
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span?.attributes['error.type']).toBe('ToolBroke');
    expect(JSON.stringify([span?.attributes, span?.events, span?.status])).not.toContain('canary');
  });

  it('rejects with the same error and prefers its code', async () => {
    const error = Object.assign(new ToolBroke('canary'), { code: 'ECONNREFUSED' });
    await expect(run(() => Promise.reject(error))).rejects.toBe(error);
    const [span] = recorder.spans();
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span?.attributes['error.type']).toBe('ECONNREFUSED');
    expect(JSON.stringify([span?.attributes, span?.events, span?.status])).not.toContain('canary');
  });

  it('follows an async generator to its end', async () => {
    const chunks: number[] = [];
    for await (const chunk of run(countToThree)) {
      chunks.push(chunk);
      expect(recorder.spans()).toHaveLength(0);
    }
    expect(chunks).toEqual([1, 2, 3]);
    expect(recorder.spans()).toHaveLength(1);
  });
});

async function* countToThree() {
  yield 1;
  yield 2;
  yield 3;
}

describe('what a model call can record', () => {
  it('tokens, answer and first chunk', () => {
    traced.llm({ model: 'm', provider: 'openai' }, (span) => {
      span.recordFirstChunk();
      span.recordUsage({
        inputTokens: 100,
        outputTokens: 20,
        cacheReadTokens: 80,
        cacheWriteTokens: 0,
        reasoningTokens: 10,
      });
      span.recordResponse({ model: 'm-2026', id: 'r-1', finishReasons: ['stop'] });
    });
    const { attributes } = recorder.getSpan('chat m');
    expect(attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 80,
      'gen_ai.usage.cache_write.input_tokens': 0,
      'gen_ai.usage.reasoning.output_tokens': 10,
      'gen_ai.response.model': 'm-2026',
      'gen_ai.response.id': 'r-1',
      'gen_ai.response.finish_reasons': ['stop'],
    });
    expect(attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThanOrEqual(0);
  });

  it('the first chunk once, whatever a loop does', () => {
    traced.llm({ model: 'm', provider: 'openai' }, (span) => {
      span.recordFirstChunk();
      span.setAttribute('gen_ai.response.time_to_first_chunk', -1);
      span.recordFirstChunk();
    });
    expect(recorder.getSpan('chat m').attributes['gen_ai.response.time_to_first_chunk']).toBe(-1);
  });

  it('only counts: what a provider left out or garbled stays absent', () => {
    traced.llm({ model: 'm', provider: 'openai' }, (span) =>
      span.recordUsage({
        inputTokens: Number.NaN,
        outputTokens: -1,
        cacheReadTokens: 1.5,
        reasoningTokens: undefined,
      }),
    );
    expect(Object.keys(recorder.getSpan('chat m').attributes).filter((key) => key.includes('usage'))).toEqual(
      [],
    );
  });

  it('an error that a tool answered with', () => {
    traced.tool({ name: 't' }, (span) => span.recordToolError());
    const span = recorder.getSpan('execute_tool t');
    expect(span.attributes['error.type']).toBe('tool_error');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
  });

  it('the first error stands, also when another is thrown', () => {
    expect(() =>
      traced.tool({ name: 't' }, (span) => {
        span.recordToolError('rate_limited');
        throw new TypeError('x');
      }),
    ).toThrow(TypeError);
    expect(recorder.getSpan('execute_tool t').attributes['error.type']).toBe('rate_limited');
  });
});
