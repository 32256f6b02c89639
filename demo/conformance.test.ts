import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_CONVERSATION } from './shared/conversation.ts';
import { SERVICE_NAMES } from './shared/services.ts';
import { type CollectedSpan, type Collector, startCollector } from './testing/collector.ts';
import { type RunningDemo, startDemo } from './testing/start-demo.ts';

/** The three turns through six real processes, and what their spans look like on the wire. */
const SESSION = 'conformance';
const MARKER = 'zanzibar7341';

interface ChatAnswer {
  readonly answer: string;
  readonly traceId: string;
  readonly traceUrl: string;
  readonly model: string;
  readonly tokens: { readonly total: number };
  readonly tools: readonly string[];
}

let collector: Collector;
let demo: RunningDemo;
let turns: ChatAnswer[];

async function chat(message: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${demo.url}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message, sessionId: SESSION }),
  });
}

function spansOf(traceId: string): CollectedSpan[] {
  return collector.spans.filter((span) => span.traceId === traceId);
}

/** One root and no parent missing. */
function isComplete(traceId: string): boolean {
  const spans = spansOf(traceId);
  const ids = new Set(spans.map((span) => span.spanId));
  const roots = spans.filter((span) => span.parentSpanId === undefined);
  return roots.length === 1 && spans.every(({ parentSpanId }) => !parentSpanId || ids.has(parentSpanId));
}

function named(traceId: string, name: string): CollectedSpan {
  const found = spansOf(traceId).filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0] as CollectedSpan;
}

function turn(index: number): ChatAnswer {
  return turns[index] as ChatAnswer;
}

beforeAll(async () => {
  collector = await startCollector();
  demo = await startDemo({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });
  turns = [];
  for (const message of DEMO_CONVERSATION) {
    turns.push((await (await chat(message)).json()) as ChatAnswer);
  }
  await collector.waitFor(() => turns.every(({ traceId }) => isComplete(traceId)));
}, 60_000);

afterAll(async () => {
  await demo?.stop();
  await collector?.close();
}, 20_000);

describe('the conversation', () => {
  it('answers from the handbook, by a tool, and from memory', () => {
    expect(turn(0).answer).toContain('descaler');
    expect(turn(1).answer).toContain('Order 1042');
    expect(turn(1).tools).toEqual(['lookup_order']);
    expect(turn(2).answer).toMatch(/Order 1042 .* should arrive on \w+day, /);
    expect(turn(0).model).toBe('spanwise-offline-1');
    expect(turn(0).traceUrl).toBe(`http://127.0.0.1:16686/trace/${turn(0).traceId}`);
  });

  it('A2, A5, A13: is one trace through all six services, whose requests are spans without code', () => {
    const spans = spansOf(turn(1).traceId);
    expect(new Set(spans.map((span) => span.service))).toEqual(new Set(SERVICE_NAMES));
    const servers = spans.filter((span) => span.kind === 2).map((span) => `${span.service} ${span.name}`);
    expect(new Set(servers)).toEqual(
      new Set([
        'api-gateway POST /chat',
        'conversation-manager POST /messages',
        'memory-store GET /sessions/:id/messages',
        'memory-store POST /sessions/:id/messages',
        'tool-execution GET /tools',
        'tool-execution POST /tools/:name',
        'rag-retrieval POST /retrieve',
        'llm-proxy POST /v1/chat/completions',
        'llm-proxy POST /v1/embeddings',
      ]),
    );
  });

  it('A12: has no span beyond requests, the steps of the article and the model calls', () => {
    const steps = turns
      .flatMap(({ traceId }) => spansOf(traceId))
      .filter((span) => span.kind !== 2 && !/^(GET|POST)$/.test(span.name))
      .map((span) => span.name);
    expect(new Set(steps)).toEqual(
      new Set([
        'handle_message',
        'classify_intent',
        'execute_tool lookup_order',
        'retrieve_context',
        'generate_response',
        'retrieve_documents',
        'generate_embedding',
        'vector_search',
        'rerank',
        'chat spanwise-offline-1',
        'embeddings spanwise-offline-embed-256',
      ]),
    );
  });
});

describe('A3: retrieval', () => {
  it('has three steps under retrieve_documents, with three candidates for each document', () => {
    const { traceId } = turn(0);
    const parent = named(traceId, 'retrieve_documents');
    expect(parent.attributes).toMatchObject({
      'query.length': BigInt(DEMO_CONVERSATION[0].length),
      top_k: 4n,
      'results.count': 4n,
      'gen_ai.operation.name': 'retrieval',
    });
    for (const name of ['generate_embedding', 'vector_search', 'rerank']) {
      expect(named(traceId, name).parentSpanId, name).toBe(parent.spanId);
    }
    expect(named(traceId, 'vector_search').attributes).toMatchObject({ 'candidates.count': 12n });
    expect(named(traceId, 'rerank').attributes).toMatchObject({ 'reranked.count': 12n });
  });
});

describe('A6: the conversation manager', () => {
  it('has its steps under handle_message', () => {
    const { traceId } = turn(1);
    const parent = named(traceId, 'handle_message');
    expect(parent.attributes).toMatchObject({
      'session.id': SESSION,
      'gen_ai.conversation.id': SESSION,
      'gen_ai.operation.name': 'invoke_agent',
    });
    for (const name of [
      'classify_intent',
      'execute_tool lookup_order',
      'retrieve_context',
      'generate_response',
    ]) {
      expect(named(traceId, name).parentSpanId, name).toBe(parent.spanId);
    }
    expect(named(traceId, 'classify_intent').attributes).toMatchObject({ intent: 'order_status' });
    expect(named(traceId, 'execute_tool lookup_order').attributes).toMatchObject({
      'tool.name': 'lookup_order',
      'tool.success': true,
    });
    const { attributes } = named(traceId, 'generate_response');
    expect(attributes.model).toBe('spanwise-offline-1');
    expect(attributes['tokens.used']).toBeTypeOf('bigint');
  });

  it('has a tool span only when the intent needs a tool', () => {
    const names = spansOf(turn(0).traceId).map((span) => span.name);
    expect(names.filter((name) => name.startsWith('execute_tool'))).toEqual([]);
  });
});

describe('A10: model calls', () => {
  it('carry model, tokens and time to first chunk, and only they carry tokens', () => {
    for (const { traceId, tokens } of turns) {
      const withUsage = spansOf(traceId).filter((span) =>
        Object.keys(span.attributes).some((key) => key.startsWith('gen_ai.usage.')),
      );
      for (const span of withUsage) expect(span.name).toMatch(/^(chat|embeddings) spanwise-offline-/);
      const chats = withUsage.filter((span) => span.name.startsWith('chat '));
      const total = chats.reduce(
        (sum, { attributes }) =>
          sum +
          Number(attributes['gen_ai.usage.input_tokens']) +
          Number(attributes['gen_ai.usage.output_tokens']),
        0,
      );
      expect(total).toBe(tokens.total);
      expect(chats.at(-1)?.attributes).toMatchObject({
        'gen_ai.provider.name': 'spanwise',
        'gen_ai.request.model': 'spanwise-offline-1',
        'gen_ai.response.finish_reasons': expect.anything(),
      });
    }
  });
});

describe('context from outside', () => {
  const traceId = 'aaaaaaaabbbbbbbbccccccccdddddddd';
  const spanId = '1234567890abcdef';

  it.each([
    ['B3 multi', { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-sampled': '1' }],
    ['W3C', { traceparent: `00-${traceId}-${spanId}-01` }],
  ])('%s continues that trace', async (_name, headers) => {
    const answer = (await (await chat('hello', headers)).json()) as ChatAnswer;
    expect(answer.traceId).toBe(traceId);
  });

  it('that is malformed starts a new trace', async () => {
    const response = await chat('hello', { traceparent: '00-zz-1-01', 'x-b3-traceid': 'nonsense' });
    expect(response.status).toBe(200);
    expect(((await response.json()) as ChatAnswer).traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('streaming', () => {
  it('sends the answer piece by piece, then the whole', async () => {
    const response = await chat('Where do I store beans?', { accept: 'text/event-stream' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = (await response.text())
      .trim()
      .split('\n\n')
      .map((event) => ({
        event: /^event: (.+)$/m.exec(event)?.[1],
        data: JSON.parse(/^data: (.+)$/m.exec(event)?.[1] ?? '{}') as { text?: string; answer?: string },
      }));
    const pieces = events.filter(({ event }) => event === 'token').map(({ data }) => data.text);
    expect(pieces.length).toBeGreaterThan(10);
    expect(events.at(-1)?.event).toBe('done');
    expect(pieces.join('')).toBe(events.at(-1)?.data.answer);
  });
});

describe('faults', () => {
  it('of a header strike the service named and nobody else', async () => {
    const response = await chat('hello', { 'x-demo-fault': 'llm-proxy=error' });
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ code: 'demo_fault' });
    const traceId = response.headers.get('x-trace-id') ?? '';
    const failed = () =>
      spansOf(traceId)
        .filter((span) => span.kind === 2 && span.isError)
        .map((span) => span.service);
    // Complete it may seem before the service struck has sent anything.
    await collector.waitFor(() => isComplete(traceId) && failed().includes('llm-proxy'));
    expect(failed()).not.toContain('memory-store');
  });

  it('that drop the connection end the request as an error', async () => {
    const response = await chat('hello', { 'x-demo-fault': 'conversation-manager=drop' });
    expect(response.status).toBe(502);
  });

  it('stand for a while when posted', async () => {
    const url = `${demo.urls['memory-store']}/faults`;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ fault: 'error', for_seconds: 5 });
    expect(await (await fetch(url, { method: 'POST', headers, body })).json()).toMatchObject({
      fault: 'error',
    });
    expect((await fetch(`${demo.urls['memory-store']}/sessions/x/messages`)).status).toBe(500);
    // A conversation goes on without its memory.
    expect((await chat('hello')).status).toBe(200);
    await fetch(url, { method: 'DELETE' });
    expect((await fetch(`${demo.urls['memory-store']}/sessions/x/messages`)).status).toBe(200);
  });
});

describe('what people say', () => {
  it('is in no span and no log line, nor are answers, arguments, documents and errors', async () => {
    const messages = [
      `How do I descale ${MARKER}?`,
      `What is ${MARKER} 12 * 12 / 0?`,
      `order 1042 ${MARKER}`,
    ];
    const answers: ChatAnswer[] = [];
    for (const message of messages) answers.push((await (await chat(message)).json()) as ChatAnswer);
    await collector.waitFor(() => answers.every(({ traceId }) => isComplete(traceId)));
    const everything = collector.sentText() + demo.output();
    expect(everything).toContain(answers[0]?.traceId);
    for (const secret of [MARKER, 'Brightcup descaler', 'white', '12 * 12', 'sachet']) {
      expect(everything).not.toContain(secret);
    }
  });

  it('A11: every log line of a request has its trace', () => {
    const lines = demo
      .output()
      .split('\n')
      .filter((line) => line.includes('"request done"') && line.includes('/messages'))
      .map((line) => JSON.parse(line) as { trace_id?: string; span_id?: string });
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      expect(line.trace_id).toMatch(/^[0-9a-f]{32}$/);
      expect(line.span_id).toMatch(/^[0-9a-f]{16}$/);
    }
  });
});

describe('MCP', () => {
  it('takes the parent from the message and links the request', async () => {
    const traceId = '11111111222222223333333344444444';
    const response = await fetch(`${demo.urls['tool-execution']}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 7,
        method: 'tools/call',
        params: {
          name: 'calculator',
          arguments: { expression: '6 * 7' },
          _meta: { traceparent: `00-${traceId}-5555555566666666-01` },
        },
      }),
    });
    const { result } = (await response.json()) as { result: { content: { text: string }[] } };
    expect(JSON.parse(result.content[0]?.text ?? '')).toEqual({ expression: '6 * 7', result: 42 });
    await collector.waitFor(() => spansOf(traceId).length > 0);
    const span = named(traceId, 'tools/call calculator');
    expect(span.parentSpanId).toBe('5555555566666666');
    expect(span.attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'calculator',
      'mcp.method.name': 'tools/call',
    });
    expect(span.links).toHaveLength(1);
  });
});
