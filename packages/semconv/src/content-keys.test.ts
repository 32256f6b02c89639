import { describe, expect, it } from 'vitest';
import { isAgentKey } from './agent-keys.ts';
import { contentKeyPrefixes, isContentEvent, isContentKey, isGenAiEvent } from './content-keys.ts';
import { agentSources, operationName, providerName } from './dialects.ts';
import { isKnownKey } from './known-keys.ts';

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
      'db.query.parameter.',
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
    ['http.route', true],
    ['note', false],
    ['constructor', false],
  ])('%s: %s', (key, known) => {
    expect(isKnownKey(key)).toBe(known);
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
