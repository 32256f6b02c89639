import { type Context, type Meter, type MeterProvider, metrics, trace } from '@opentelemetry/api';
import { beforeEach, describe, expect, it } from 'vitest';
import { followTransport } from '../mcp/follow-transport.ts';
import { startMetricRecorder } from '../testing/metric-recorder.ts';
import { startSpanRecorder } from '../testing/span-recorder.ts';
import { traced } from '../traced/traced.ts';

const recorder = startSpanRecorder();
beforeEach(() => recorder.clear());

const identity = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
};

describe('a call to a model', () => {
  const call = () =>
    traced.llm({ model: 'gpt-4o', provider: 'openai', serverAddress: 'api.openai.com' }, (span) => {
      span.recordChunk().recordChunk().recordChunk();
      span.recordUsage({ inputTokens: 900 }).recordResponse({ model: 'gpt-4o-2026', id: 'r-1' });
      span.recordUsage({ inputTokens: 900, outputTokens: 120 });
    });
  const answered = {
    ...identity,
    'gen_ai.response.model': 'gpt-4o-2026',
    'server.address': 'api.openai.com',
  };

  it('is counted with the names and buckets of the conventions, once metrics are on', async () => {
    call();
    const metricRecorder = startMetricRecorder();
    call();
    expect(() =>
      traced.llm({ model: 'gpt-4o', provider: 'openai' }, () => {
        throw new RangeError('a prompt, perhaps');
      }),
    ).toThrow(RangeError);
    const recorded = await metricRecorder.read();
    expect(recorded.get('gen_ai.client.operation.duration')).toMatchObject({
      unit: 's',
      dataPoints: [
        {
          attributes: answered,
          value: {
            count: 1,
            buckets: {
              boundaries: [
                0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
              ],
            },
          },
        },
        { attributes: { ...identity, 'error.type': 'RangeError' }, value: { count: 1 } },
      ],
    });
    expect(recorded.get('gen_ai.client.token.usage')).toMatchObject({
      unit: '{token}',
      dataPoints: [
        {
          attributes: { ...answered, 'gen_ai.token.type': 'input' },
          value: { sum: 900, buckets: { boundaries: expect.arrayContaining([1, 4, 67_108_864]) } },
        },
        { attributes: { ...answered, 'gen_ai.token.type': 'output' }, value: { sum: 120 } },
      ],
    });
    expect(recorded.get('gen_ai.client.operation.time_to_first_chunk')?.dataPoints).toHaveLength(1);
    expect(recorded.get('gen_ai.client.operation.time_per_output_chunk')).toMatchObject({
      unit: 's',
      dataPoints: [{ value: { count: 2 } }],
    });
  });
});

describe('an agent', () => {
  it('is counted with its own calls, not with those of its sub-agents', async () => {
    const metricRecorder = startMetricRecorder();
    const chat = () => traced.llm({ model: 'm', provider: 'p' }, () => {});
    const lookUp = () => traced.tool({ name: 'look', type: 'function' }, () => {});
    traced.agent({ name: 'lead' }, () => {
      chat();
      traced.step('plan', chat);
      traced.embedding({ model: 'e', provider: 'p' }, () => {});
      traced.agent({ name: 'helper' }, () => {
        chat();
        lookUp();
        lookUp();
      });
    });
    const recorded = await metricRecorder.read();
    const sums = (name: string) =>
      Object.fromEntries(
        recorded
          .get(name)
          ?.dataPoints.map(({ attributes, value }) => [attributes['gen_ai.agent.name'], value.sum]) ?? [],
      );
    expect(sums('gen_ai.invoke_agent.inference_calls')).toEqual({ lead: 2, helper: 1 });
    expect(sums('gen_ai.invoke_agent.tool_calls')).toEqual({ lead: 0, helper: 2 });
    expect(recorded.get('gen_ai.invoke_agent.duration')).toMatchObject({
      unit: 's',
      dataPoints: [
        { attributes: { 'gen_ai.agent.name': 'helper' }, value: { count: 1 } },
        {
          attributes: { 'gen_ai.agent.name': 'lead' },
          value: { buckets: { boundaries: expect.arrayContaining([0.1, 0.2, 409.6]) } },
        },
      ],
    });
    expect(recorded.get('gen_ai.execute_tool.duration')?.dataPoints).toMatchObject([
      {
        attributes: {
          'gen_ai.tool.name': 'look',
          'gen_ai.tool.type': 'function',
          'gen_ai.agent.name': 'helper',
        },
        value: { count: 2, buckets: { boundaries: expect.arrayContaining([0.01, 81.92]) } },
      },
    ]);
  });

  it('and a workflow and a tool that fail tell the error’s type', async () => {
    const metricRecorder = startMetricRecorder();
    const fail = () => {
      throw new RangeError('a prompt, perhaps');
    };
    expect(() =>
      traced.workflow({ name: 'triage' }, () =>
        traced.agent({ name: 'support' }, () => traced.tool({ name: 'look' }, fail)),
      ),
    ).toThrow(RangeError);
    const recorded = await metricRecorder.read();
    const error = { 'error.type': 'RangeError' };
    const attributesOf = (name: string) => recorded.get(name)?.dataPoints.map(({ attributes }) => attributes);
    expect(attributesOf('gen_ai.invoke_workflow.duration')).toEqual([
      { 'gen_ai.workflow.name': 'triage', ...error },
    ]);
    expect(attributesOf('gen_ai.invoke_agent.duration')).toMatchObject([
      { 'gen_ai.agent.name': 'support', ...error },
    ]);
    expect(attributesOf('gen_ai.execute_tool.duration')).toMatchObject([
      { 'gen_ai.tool.name': 'look', 'gen_ai.agent.name': 'support', ...error },
    ]);
  });
});

describe('MCP', () => {
  /** The part of a transport that a protocol sees. */
  function createTransport(fields: object = {}) {
    const transport = {
      onmessage: undefined as ((message: unknown) => void) | undefined,
      onclose: undefined as (() => void) | undefined,
      send: async (_message: unknown) => {},
      ...fields,
    };
    followTransport(transport);
    transport.onmessage = () => {};
    transport.onclose = () => {};
    return transport;
  }
  const initialize = { id: 0, method: 'initialize', params: {} };
  const initialized = { id: 0, result: { protocolVersion: '2025-11-25' } };
  const toolCall = (id: number, name: string) => ({
    id,
    method: 'tools/call',
    params: { name, arguments: {} },
  });

  it('requests and sessions, as client and as server see them', async () => {
    const metricRecorder = startMetricRecorder();
    const client = createTransport();
    await client.send(initialize);
    client.onmessage?.(initialized);
    await client.send(toolCall(1, 'look'));
    client.onmessage?.({ id: 1, result: { content: [] } });
    await client.send(toolCall(2, 'look'));
    client.onmessage?.({ id: 2, result: { content: [], isError: true } });
    client.onclose?.();
    client.onclose?.();
    const server = createTransport();
    server.onmessage?.(initialize);
    await server.send(initialized);
    server.onmessage?.(toolCall(1, 'look'));
    await server.send({ id: 1, error: { code: -32_602, message: 'a text' } });
    server.onclose?.();

    const recorded = await metricRecorder.read();
    const call = {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'look',
      'mcp.protocol.version': '2025-11-25',
    };
    expect(recorded.get('mcp.client.operation.duration')).toMatchObject({
      unit: 's',
      dataPoints: [
        { attributes: { 'mcp.method.name': 'initialize' } },
        {
          attributes: call,
          value: {
            count: 1,
            buckets: { boundaries: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] },
          },
        },
        { attributes: { ...call, 'error.type': 'tool_error' } },
      ],
    });
    expect(recorded.get('mcp.server.operation.duration')?.dataPoints[1]?.attributes).toEqual({
      ...call,
      'rpc.response.status_code': '-32602',
      'error.type': '-32602',
    });
    for (const side of ['client', 'server']) {
      expect(recorded.get(`mcp.${side}.session.duration`)?.dataPoints).toMatchObject([
        { attributes: { 'mcp.protocol.version': '2025-11-25' }, value: { count: 1 } },
      ]);
    }
  });

  it('an HTTP server without session ids has no sessions', async () => {
    class HttpServerTransport {}
    const metricRecorder = startMetricRecorder();
    const server = createTransport({ constructor: HttpServerTransport });
    server.onmessage?.(initialize);
    await server.send(initialized);
    server.onclose?.();
    const recorded = await metricRecorder.read();
    expect(recorded.has('mcp.server.operation.duration')).toBe(true);
    expect(recorded.has('mcp.server.session.duration')).toBe(false);
  });
});

it('each record is made in the context of its span, which is where exemplars are taken from', () => {
  // OpenTelemetry's own metrics SDK (3.1) keeps no exemplars yet, so this stands in for one that does.
  const seen: [string, string | undefined][] = [];
  const record = (name: string) => (_value: number, _attributes: unknown, at?: Context) => {
    seen.push([name, at && trace.getSpanContext(at)?.spanId]);
  };
  const meter = { createHistogram: (name: string) => ({ record: record(name) }) } as unknown as Meter;
  metrics.disable();
  metrics.setGlobalMeterProvider({ getMeter: () => meter } satisfies MeterProvider);
  traced.agent({ name: 'support' }, () => traced.llm({ model: 'm', provider: 'p' }, () => {}));
  metrics.disable();
  const spanIdOf = (name: string) => recorder.getSpan(name).spanContext().spanId;
  expect(seen).toEqual([
    ['gen_ai.client.operation.duration', spanIdOf('chat m')],
    ['gen_ai.invoke_agent.duration', spanIdOf('invoke_agent support')],
    ['gen_ai.invoke_agent.inference_calls', spanIdOf('invoke_agent support')],
    ['gen_ai.invoke_agent.tool_calls', spanIdOf('invoke_agent support')],
  ]);
});
