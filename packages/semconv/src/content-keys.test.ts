import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAgentKey } from './agent-keys.ts';
import { attributeKey } from './attribute-keys.ts';
import { contentKeyPrefixes, isContentEvent, isContentKey, isGenAiEvent } from './content-keys.ts';
import { agentSources, operationName, providerName } from './dialects.ts';
import { isKnownKey } from './known-keys.ts';
import { isLongText, longText } from './long-text.ts';
import { noPathEnds, pathEndsBehind } from './nested-keys.ts';

describe('content keys', () => {
  it.each([
    ['gen_ai.input.messages', true],
    ['gen_ai.prompt.0.content', true],
    ['gen_ai.prompt.name', false],
    ['gen_ai.usage.prompt_tokens', false],
    ['llm.prompt_template.template', true],
    ['llm.prompt_template.version', false],
    ['http.request.body', true],
    ['http.request.body.size', false],
    ['http.response.body.size', false],
    ['http.response.body.sizes', true],
    ['metadata', true],
    ['document', true],
    ['documents', false],
    ['lk.user_transcript', true],
    ['lkx', false],
    ['ai.toolCall.args', true],
    ['ai.toolCall.name', false],
    ['', false],
  ])('%s: %s', (key, content) => {
    expect(isContentKey(key)).toBe(content);
  });

  it('name no attribute that the dialect table reads, but provider metadata', () => {
    expect(agentSources.filter(({ key }) => isContentKey(key)).map(({ key }) => key)).toEqual([
      'ai.response.providerMetadata',
    ]);
  });
});

/*
 * What libraries send content under, as their documents and sources say; written down apart from the product's
 * list. A name that ends in a dot stands for all below it.
 */
describe('content of each dialect', () => {
  const dialects: [string, string][] = [
    [
      'OpenTelemetry',
      `
        gen_ai.input.messages gen_ai.output.messages gen_ai.system_instructions gen_ai.tool.definitions
        gen_ai.tool.call.arguments gen_ai.tool.call.result gen_ai.retrieval.query.text
        gen_ai.retrieval.documents gen_ai.memory.query.text gen_ai.memory.records
        gen_ai.evaluation.explanation gen_ai.prompt gen_ai.completion gen_ai.content.
        gen_ai.guardrail.input gen_ai.guardrail.output`,
    ],
    [
      'OpenInference',
      `
        input.value output.value llm.input_messages. llm.output_messages. llm.prompts. llm.choices.
        llm.prompt_template. llm.tools. llm.function_call llm.invocation_parameters retrieval.documents.
        reranker.input_documents. reranker.output_documents. reranker.query embedding.embeddings.
        document. tool.parameters tool_call.function.arguments metadata`,
    ],
    [
      'Vercel AI SDK',
      `
        ai.prompt ai.response.text ai.response.object ai.response.toolCalls ai.response.providerMetadata
        ai.result. ai.toolCall.args ai.toolCall.result ai.value ai.embedding ai.documents ai.ranking
        ai.request.headers. ai.settings.context.`,
    ],
    [
      'OpenLLMetry',
      `
        traceloop.entity.input traceloop.entity.output mcp.response.value db.query.result.
        db.query.embeddings.`,
    ],
    [
      'Laminar',
      `
        lmnr.span.input lmnr.span.output`,
    ],
    [
      'Langfuse',
      `
        langfuse.observation.input langfuse.observation.output langfuse.observation.metadata
        langfuse.trace.input langfuse.trace.output langfuse.trace.metadata`,
    ],
    [
      'MLflow',
      `
        mlflow.spanInputs mlflow.spanOutputs mlflow.traceInputs mlflow.traceOutputs mlflow.chat.tools
        mlflow.chunk.`,
    ],
    [
      'AgentOps',
      `
        agentops.entity.input agentops.entity.output`,
    ],
    [
      'others',
      `
        gen_ai.request.instructions gen_ai.request.system_instruction gen_ai.request.functions
        gen_ai.request.headers gen_ai.openai.instructions agent.reasoning tool.result
        pydantic_ai.all_messages logfire.msg lk. gcp.vertex.agent.`,
    ],
    [
      'plain HTTP',
      `
        http.request.body http.response.body http.request.headers http.request.header.
        http.response.header.`,
    ],
  ];
  const cases = dialects.flatMap(([dialect, keys]) =>
    keys
      .trim()
      .split(/\s+/)
      .map((key) => [dialect, key] as const),
  );

  it.each(cases)('%s: %s, and whatever it begins', (_, entry) => {
    const key = entry.replace(/\.$/, '');
    const longer = [key, `${key}.0.message.content`, `${key}.text`, ...(entry === key ? [`${key}s`] : [])];
    for (const name of longer) {
      expect([name, isContentKey(name)]).toEqual([name, true]);
      expect([name, isContentKey(name.toUpperCase())]).toEqual([name, true]);
    }
  });

  it.each(cases)('%s: %s, anywhere in a map', (_, entry) => {
    const key = entry.replace(/\.$/, '');
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'wrap', 'gen_ai', 'x.y')), fc.nat(), (outer, cut) => {
        // The name is cut into nested keys at some of its dots.
        const parts = key.split('.');
        const path: string[] = [...outer];
        parts.forEach((part, index) => {
          if (index > 0 && (cut >> index) % 2 === 0) path.push(`${path.pop()}.${part}`);
          else path.push(part);
        });
        let ends = noPathEnds;
        let found = false;
        for (const step of path) {
          found ||= ends.some((end) => isContentKey(end + step));
          ends = pathEndsBehind(step, ends);
        }
        expect(found).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    'gen_ai.prompt.name',
    'gen_ai.prompt.version',
    'llm.prompt_template.version',
    'http.request.body.size',
    'http.response.body.size',
  ])('but not %s', (key) => {
    expect([isContentKey(key), isContentKey(`${key}.more`)]).toEqual([false, true]);
  });
});

describe('agent keys', () => {
  it.each([
    ['gen_ai.system', true],
    ['GEN_AI.System', true],
    ['gen_ai', true],
    ['gen_aix', false],
    ['tool.name', true],
    ['toolbox.name', false],
    ['agent.name', true],
    ['user_agent.name', false],
    ['air.pressure', false],
    ['session.id', false],
    ['user.id', false],
    ['spanwise.content.dropped', false],
    ['', false],
  ])('%s: %s', (key, agent) => {
    expect(isAgentKey(key)).toBe(agent);
  });

  it('are all that the dialect table reads, but what ordinary services set as well', () => {
    expect(agentSources.filter(({ key }) => !isAgentKey(key)).map(({ key }) => key)).toEqual(['session.id']);
  });

  it('are all content keys, but those of plain services', () => {
    expect(contentKeyPrefixes.filter((key) => !isAgentKey(key))).toEqual([
      'document.',
      'metadata',
      'db.query.result.',
      'db.query.embeddings.',
      'logfire.msg',
      'http.request.body',
      'http.response.body',
      'http.request.headers',
      'http.request.header.',
      'http.response.headers',
      'http.response.header.',
      'rpc.request.metadata.',
      'rpc.response.metadata.',
      'rpc.grpc.request.metadata.',
      'rpc.grpc.response.metadata.',
      'db.query.parameter.',
      'db.operation.parameter.',
      'graphql.variables.',
    ]);
  });
});

describe('events', () => {
  it.each([
    ['gen_ai.user.message', true, true],
    ['gen_ai.choice', true, true],
    ['gen_ai.client.inference.operation.details', true, true],
    ['gen_ai.evaluation.result', false, true],
    ['exception', false, false],
    ['gen_aix', false, false],
  ])('%s', (name, content, genAi) => {
    expect([isContentEvent(name), isGenAiEvent(name)]).toEqual([content, genAi]);
  });
});

describe('known keys', () => {
  it.each([
    ['gen_ai.tool.description', true],
    ['gen_ai.thought', false],
    ['gen_ai.request.messages', false],
    ['gen_ai.response.text', false],
    ['gen_ai.tool.output', false],
    ['mcp.tool.arguments', false],
    ['mcp.method.name', true],
    ['llm.response.content', false],
    ['openai.response.output', false],
    ['aws.bedrock.invocation.output', false],
    ['aws.s3.bucket', true],
    ['http.route', true],
    ['note', false],
    ['constructor', false],
  ])('%s: %s', (key, known) => {
    expect(isKnownKey(key)).toBe(known);
  });
});

describe('long text', () => {
  it.each([
    ['', false],
    ['four words are fine', false],
    ['five words are too many', true],
    ['one\ttwo\nthree\rfour five', true],
    ['x'.repeat(128), false],
    ['x'.repeat(129), true],
    ['ü'.repeat(64), false],
    ['ü'.repeat(65), true],
    ['😀'.repeat(32), false],
    ['😀'.repeat(33), true],
  ])('%j: %s', (text, long) => {
    expect(isLongText(text)).toBe(long);
  });

  it('is measured in the bytes that are stored', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const bytes = new TextEncoder().encode(text).length;
        const words = text.split(/[ \t\r\n]/).length;
        expect(isLongText(text)).toBe(bytes > longText.bytes || words > longText.words);
      }),
    );
  });
});

describe('what Spanwise writes itself', () => {
  const texts = ['exception.message', 'exception.stacktrace', 'url.full'];
  it.each(Object.values(attributeKey).filter((key) => !texts.includes(key)))('%s is metadata', (key) => {
    expect([key, isKnownKey(key) || key.startsWith('spanwise.'), isContentKey(key)]).toEqual([
      key,
      true,
      false,
    ]);
  });
});

describe('dialects', () => {
  it('name each key once for a field', () => {
    const keys = agentSources.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['openai.chat', 'vercel', 'openai'],
    ['OpenAI', 'openllmetry', 'openai'],
    ['azure.ai.openai', 'otel', 'azure.ai.openai'],
    ['xai', 'otel', 'x_ai'],
    ['constructor', 'otel', 'constructor'],
  ] as const)('provider %s of %s is %s', (sent, dialect, name) => {
    expect(providerName(sent, dialect)).toBe(name);
  });

  it('keep operations that no table lists', () => {
    const source = agentSources.find(({ key }) => key === 'openinference.span.kind')!;
    expect([operationName('RERANKER', source), operationName('NEW', source)]).toEqual(['rerank', 'new']);
  });
});
