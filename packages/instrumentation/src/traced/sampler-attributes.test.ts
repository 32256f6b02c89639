import { type Attributes, context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { SamplingDecision, TracerProvider } from '@opentelemetry/sdk-trace';
import { beforeEach, expect, it } from 'vitest';
import { wrapAnthropic } from '../anthropic/wrap-anthropic.ts';
import { followTransport } from '../mcp/follow-transport.ts';
import { wrapOpenAI } from '../openai/wrap-openai.ts';
import { TracedServiceClient } from '../service-client/traced-service-client.ts';
import { traced } from './traced.ts';

/* What the conventions call relevant for sampling is there when the sampler decides. */

const seen = new Map<string, Attributes>();
const sampler = {
  shouldSample: (
    _context: unknown,
    _traceId: string,
    name: string,
    _kind: unknown,
    attributes: Attributes,
  ) => {
    seen.set(name, { ...attributes });
    return { decision: SamplingDecision.NOT_RECORD };
  },
  toString: () => 'Watching',
};
trace.setGlobalTracerProvider(new TracerProvider({ sampler }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
beforeEach(() => seen.clear());

const model = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const create = async (_body: object) => ({});

it.each<[string, () => unknown, Attributes]>([
  [
    'invoke_agent support',
    () => traced.agent({ name: 'support', conversationId: 'c' }, () => {}),
    {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'support',
      'gen_ai.conversation.id': 'c',
    },
  ],
  ['invoke_workflow w', () => traced.workflow({ name: 'w' }, () => {}), { 'gen_ai.workflow.name': 'w' }],
  ['execute_tool t', () => traced.tool({ name: 't' }, () => {}), { 'gen_ai.tool.name': 't' }],
  [
    'chat m',
    () => traced.llm({ model: 'm', provider: 'p', serverAddress: 'host', serverPort: 1 }, () => {}),
    { ...model, 'gen_ai.provider.name': 'p', 'server.address': 'host', 'server.port': 1 },
  ],
  [
    'chat m',
    () =>
      wrapOpenAI({
        baseURL: 'https://api.groq.com/openai/v1',
        chat: { completions: { create } },
      }).chat.completions.create({ model: 'm' }),
    { ...model, 'gen_ai.provider.name': 'groq', 'server.address': 'api.groq.com', 'server.port': 443 },
  ],
  [
    'chat m',
    () =>
      wrapAnthropic({ baseURL: 'https://api.anthropic.com', messages: { create } }).messages.create({
        model: 'm',
      }),
    { ...model, 'gen_ai.provider.name': 'anthropic', 'server.address': 'api.anthropic.com' },
  ],
  [
    'tools/call look',
    () => {
      const transport = { send: async (_message: object) => {} };
      followTransport(transport);
      return transport.send({ id: 1, method: 'tools/call', params: { name: 'look' } });
    },
    { 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'look' },
  ],
  [
    'GET',
    () => new TracedServiceClient('http://retrieval:8082', { fetch: async () => Response.json({}) }).get('/'),
    { 'http.request.method': 'GET', 'server.address': 'retrieval', 'server.port': 8082 },
  ],
])('%s (%#)', async (name, run, attributes) => {
  await run();
  expect(seen.get(name)).toMatchObject(attributes);
});
