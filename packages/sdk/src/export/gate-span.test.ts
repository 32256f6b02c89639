import { type Attributes, ROOT_CONTEXT, SpanStatusCode } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { gateSpan } from './gate-span.ts';

const CANARY = 'canary-4711';

/** A span as some library makes it. */
function makeSpan(attributes: Attributes, scope = 'some-library'): ReadableSpan {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const span = provider.getTracer(scope).startSpan('s', { attributes }, ROOT_CONTEXT);
  span.recordException(new Error(CANARY));
  span.addEvent('gen_ai.user.message', { role: 'user', content: CANARY });
  span.addLink({ context: span.spanContext(), attributes: { 'input.value': CANARY, kind: 'queue' } });
  span.setStatus({ code: SpanStatusCode.ERROR, message: CANARY });
  span.end();
  const [ended] = exporter.getFinishedSpans();
  if (ended === undefined) throw new Error('the span did not end');
  return ended;
}

/** All that an exporter reads of a span but its resource. */
const exported = ({ attributes, events, links, status, name }: ReadableSpan) =>
  JSON.stringify({ attributes, events, links, status, name });

describe('an agent span', () => {
  it.each([
    ['OpenTelemetry GenAI', { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': CANARY }],
    ['OpenTelemetry GenAI, old', { 'gen_ai.system': 'openai', 'gen_ai.prompt.0.content': CANARY }],
    ['OpenInference', { 'openinference.span.kind': 'LLM', 'llm.input_messages.0.message.content': CANARY }],
    ['Vercel AI SDK', { 'ai.operationId': 'ai.generateText', 'ai.prompt': CANARY }],
    ['OpenLLMetry', { 'traceloop.span.kind': 'tool', 'traceloop.entity.input': CANARY }],
    ['Laminar', { 'lmnr.span.type': 'LLM', 'lmnr.span.input': CANARY }],
    ['Langfuse', { 'langfuse.session.id': 's', 'langfuse.observation.input': CANARY }],
    ['MLflow', { 'mlflow.spanType': 'LLM', 'mlflow.spanInputs': CANARY }],
    ['AgentOps', { 'agentops.span.kind': 'llm', 'agentops.entity.input': CANARY }],
    ['Genkit', { 'genkit:metadata:subtype': 'tool', 'input.value': CANARY }],
    ['MCP', { 'mcp.method.name': 'tools/call', 'gen_ai.tool.call.result': CANARY }],
    ['a tool', { 'tool.name': 'clock', 'tool.parameters': CANARY }],
    ['an agent', { 'agent.name': 'planner', 'output.value': CANARY }],
  ])('of %s loses content, exception texts and status text', (_, attributes) => {
    const gated = gateSpan(makeSpan(attributes));
    expect(exported(gated)).not.toContain(CANARY);
    expect(gated.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(gated.droppedAttributesCount).toBe(1);
    expect(gated.events[0]?.attributes).toEqual({
      'exception.type': 'Error',
      'exception.stacktrace': expect.stringMatching(/^\[reduced: \d+ bytes\]\n +at makeSpan /),
    });
    expect(gated.events[1]?.attributes).toEqual({ role: 'user' });
    expect(gated.links[0]?.attributes).toEqual({ kind: 'queue' });
  });

  it('of our own is one by its scope, without any GenAI attribute', () => {
    expect(exported(gateSpan(makeSpan({ intent: 'order' }, '@spanwise/instrumentation')))).not.toContain(
      CANARY,
    );
  });

  it('keeps tokens, names and versions', () => {
    const kept = {
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.prompt.name': 'greeting',
      'gen_ai.prompt.version': '2',
    };
    expect(gateSpan(makeSpan(kept)).attributes).toEqual(kept);
  });
});

describe('long text under a key that no table names', () => {
  const prose = 'tell me about the weather in Paris';
  const sent = {
    note: prose,
    list: [prose, 'ok'],
    map: { a: prose, 'gen_ai.request.model': prose },
    bytes: new Uint8Array(129),
    short: 'four words are fine',
    'server.address': 'x'.repeat(200),
  };
  it('is reduced on an agent span', () => {
    const gated = gateSpan(makeSpan({ 'gen_ai.system': 'openai', ...sent }));
    expect(gated.attributes).toEqual({
      'gen_ai.system': 'openai',
      note: '[reduced: 34 bytes]',
      list: ['[reduced: 34 bytes]', 'ok'],
      map: { a: '[reduced: 34 bytes]', 'gen_ai.request.model': prose },
      short: 'four words are fine',
      'server.address': 'x'.repeat(200),
    });
    expect(gated.droppedAttributesCount).toBe(1);
  });

  it('stays on a span of a plain service', () => {
    expect(gateSpan(makeSpan(sent)).attributes).toEqual(sent);
  });
});

describe('content in maps', () => {
  it.each([
    ['by key', { wrap: { 'input.value': CANARY, model: 'm' } }],
    ['by path', { wrap: { gen_ai: { prompt: CANARY }, model: 'm' } }],
    ['by the end of a path with dots', { 'my.gen_ai': { 'output.messages': CANARY }, wrap: { model: 'm' } }],
    ['in lists', { wrap: [{ llm: { input_messages: [CANARY] } }, { model: 'm' }] }],
    [
      'below other maps',
      { a: { b: { gen_ai: { input: { messages: { c: CANARY } } } } }, wrap: { model: 'm' } },
    ],
  ])('is found %s, on spans, events and links', (_, attributes) => {
    const span = makeSpan({});
    const sent = {
      ...span,
      spanContext: () => span.spanContext(),
      attributes,
      events: [{ name: 'e', time: span.startTime, attributes }],
      links: [{ context: span.spanContext(), attributes }],
      status: { code: SpanStatusCode.UNSET },
    };
    const gated = exported(gateSpan(sent));
    expect(gated).not.toContain(CANARY);
    expect(gated.match(/"model":"m"/g)).toHaveLength(3);
  });

  it('is not looked for without end', () => {
    const loop: Record<string, unknown> = { a: 1 };
    loop.self = loop;
    const span = makeSpan({});
    const gated = gateSpan({ ...span, spanContext: () => span.spanContext(), attributes: { loop } });
    expect(() => exported(gated)).not.toThrow();
  });
});

describe('a span of a plain service', () => {
  it('keeps its exception and status texts, and loses content keys all the same', () => {
    const gated = gateSpan(makeSpan({ 'http.request.method': 'GET', 'http.request.body': CANARY }));
    expect(gated.attributes).toEqual({ 'http.request.method': 'GET' });
    expect(gated.status.message).toBe(CANARY);
    expect(gated.events[0]?.attributes).toMatchObject({ 'exception.message': CANARY });
  });

  it('is the same object where nothing has to go', () => {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    provider
      .getTracer('t')
      .startSpan('s', { attributes: { 'http.route': '/a' } })
      .end();
    const [span] = exporter.getFinishedSpans();
    expect(span && gateSpan(span)).toBe(span);
  });

  it('is not changed itself, so that other processors see what was recorded', () => {
    const span = makeSpan({ 'gen_ai.input.messages': CANARY });
    const before = exported(span);
    const gated = gateSpan(span);
    expect(exported(span)).toBe(before);
    expect(gated.spanContext()).toEqual(span.spanContext());
    expect(gated.duration).toEqual(span.duration);
    expect(gated.resource).toBe(span.resource);
  });

  it('has its URLs and query texts masked', () => {
    const gated = gateSpan(
      makeSpan({
        'url.full': `http://a/b?q=${CANARY}`,
        'url.query': `q=${CANARY}`,
        'url.path': '/b',
        'db.system.name': 'postgresql',
        'db.query.text': `SELECT "id" FROM t WHERE a = '${CANARY}'`,
      }),
    );
    expect(gated.attributes).toEqual({
      'url.full': 'http://a/b?q=*',
      'url.query': 'q=*',
      'url.path': '/b',
      'db.system.name': 'postgresql',
      'db.query.text': 'SELECT "id" FROM t WHERE a = ?',
    });
  });

  it.each(['session.id', 'user.id', 'metadata', 'http.request.body'])('is none for carrying %s', (key) => {
    expect(gateSpan(makeSpan({ [key]: 'x' })).status.message).toBe(CANARY);
  });
});
