import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { configureCapture } from '../privacy/content-capture.ts';
import { type CaseRequest, conformanceCases, type ExpectedError } from '../testing/conformance/cases.ts';
import { CLOSED_MODES, captureNothing, expectNoCanary } from '../testing/conformance/describe-conformance.ts';
import { createGenerations, type McpClient } from '../testing/mcp/generations.ts';
import { countSilentCalls } from '../testing/mcp/tools.ts';
import { drawTree, startSpanRecorder } from '../testing/span-recorder.ts';
import { CANARY } from '../testing/wire/wire.ts';
import { traced } from '../traced/traced.ts';
import { wrapMcpClient, wrapMcpServer } from './wrap-mcp.ts';

const recorder = startSpanRecorder();
const HTTP_SPAN = 'POST /mcp';

afterEach(() => {
  configureCapture({ content: 'none' });
  expectNoCanary(recorder);
  recorder.clear();
});

/** Both sides end their spans on their own; neither waits for the other's. */
async function spansNamed(name: string, count: number) {
  return vi.waitFor(() => {
    const found = recorder.spans().filter((span) => span.name === name);
    expect(found).toHaveLength(count);
    return found;
  });
}

function httpSpanIds(): string[] {
  const spans = recorder.spans().filter(({ name }) => name === HTTP_SPAN);
  return spans.map((span) => span.spanContext().spanId);
}

const tracer = trace.getTracer('http');
const openClients: McpClient[] = [];
afterEach(async () => {
  for (const client of openClients.splice(0)) await client.close();
});

describe.each(createGenerations(CANARY).map((generation) => [generation.name, generation] as const))(
  '%s',
  (_name, generation) => {
    const { call } = generation;
    let http: Server;
    let url: URL;
    /** Whether the server of the next request is a wrapped one. */
    let isServerWrapped = true;

    beforeAll(async () => {
      const handle = generation.createHttpHandler(() => {
        const server = generation.createServer();
        return isServerWrapped ? wrapMcpServer(server) : server;
      });
      http = createServer(async (request, response) => {
        let text = '';
        for await (const piece of request.setEncoding('utf8')) text += piece;
        const body: unknown = text === '' ? undefined : JSON.parse(text);
        const status = /"name":"status-(\d+)"/.exec(text)?.[1];
        if (status !== undefined) {
          response.writeHead(Number(status)).end(CANARY);
          return;
        }
        // What an HTTP instrumentation would do.
        await tracer.startActiveSpan(HTTP_SPAN, { kind: SpanKind.SERVER }, async (span) => {
          response.once('close', () => span.end());
          await handle(request, response, body);
        });
      });
      await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
      url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`);
    });
    afterAll(() => {
      http.close();
      http.closeAllConnections();
    });

    async function connect(wrap = wrapMcpClient, to = url): Promise<McpClient> {
      const client = wrap(generation.createClient());
      openClients.push(client);
      await client.connect(generation.createHttpTransport(to) as never);
      recorder.clear();
      return client;
    }

    const errors: Readonly<Partial<Record<ExpectedError, RegExp>>> = {
      'bad-request': /^(StreamableHTTPError|SdkHttpError|400|CLIENT_HTTP_[A-Z_]+)$/,
      'rate-limit': /^(StreamableHTTPError|SdkHttpError|429|CLIENT_HTTP_[A-Z_]+)$/,
      abort: /^cancelled$/,
      timeout: /^cancelled$/,
    };
    /** Of the one table, those that MCP has: no models, no tokens, no streams, no retries. */
    const cases = conformanceCases.filter(
      ({ needs = [], toNobody }) => needs.length === 0 && toNobody !== true,
    );
    const toolOf = ({ model = 'answers' }: CaseRequest) => model;

    const casesInModes = (['none', ...CLOSED_MODES] as const).flatMap((mode) =>
      cases.map((row) => ({ ...row, mode })),
    );

    it.each(casesInModes)(
      '$name, capture mode $mode: one span, same outcome',
      async ({ run, span, mode }) => {
        captureNothing(mode);
        const use = (client: McpClient) =>
          run((request = {}, options) => call(client, toolOf(request), options) as never, {
            within: (fn) => fn(),
            collect: async () => {},
          });
        isServerWrapped = false;
        const plain = (client: McpClient) => client;
        const expected = await use(await connect(plain as typeof wrapMcpClient)).finally(() => {
          isServerWrapped = true;
        });
        const withoutSpanIds = (outcome: unknown) =>
          JSON.stringify(outcome).replaceAll(/\\"(traceId|spanId|traceFlags)\\":[^,}]+,?/g, '');
        expect(withoutSpanIds(await use(await connect()))).toEqual(withoutSpanIds(expected));
        const sent = recorder
          .spans()
          .filter(({ kind, name }) => kind === SpanKind.CLIENT && name.startsWith('tools/call'));
        expect(sent).toHaveLength(1);
        const { attributes } = sent[0] ?? {};
        expect(attributes).toMatchObject({
          'mcp.method.name': 'tools/call',
          'gen_ai.operation.name': 'execute_tool',
          'network.transport': 'tcp',
          'server.address': '127.0.0.1',
          'server.port': Number(url.port),
          'jsonrpc.request.id': expect.any(String),
          'mcp.protocol.version': expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        });
        if (span.error === undefined) expect(attributes).not.toHaveProperty('error.type');
        else expect(attributes?.['error.type']).toEqual(expect.stringMatching(errors[span.error] ?? /^$/));
      },
    );

    it('the server is below the client, as the message says, and linked to the HTTP request', async () => {
      const client = await connect();
      const { content } = await traced.step('turn', () => call(client, 'answers'));
      const spans = await spansNamed('tools/call answers', 2);
      const [sent, received] = [SpanKind.CLIENT, SpanKind.SERVER].map((kind) =>
        spans.find((span) => span.kind === kind),
      );
      expect(received?.parentSpanContext?.spanId).toBe(sent?.spanContext().spanId);
      const [link] = received?.links ?? [];
      await vi.waitFor(() => expect(httpSpanIds()).toContain(link?.context.spanId));
      expect(sent?.parentSpanContext?.spanId).toBe(recorder.getSpan('turn').spanContext().spanId);
      // The tool ran in the server's span.
      expect(JSON.parse(content[0]?.text ?? '')).toMatchObject({ spanId: received?.spanContext().spanId });
    });

    it('a client without the wrapper: the HTTP request is the parent as ever', async () => {
      const client = await connect(((plain: McpClient) => plain) as typeof wrapMcpClient);
      await call(client, 'answers');
      const [received] = await spansNamed('tools/call answers', 1);
      await vi.waitFor(() => expect(httpSpanIds()).toContain(received?.parentSpanContext?.spanId));
      expect(received?.links).toEqual([]);
    });

    it.each(['refuses', 'throws'])('a tool that %s is a tool error on both sides', async (tool) => {
      expect((await call(await connect(), tool)) as object).toMatchObject({ isError: true });
      const spans = await spansNamed(`tools/call ${tool}`, 2);
      expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['tool_error', 'tool_error']);
    });

    it('progress is told below the call', async () => {
      const client = await connect();
      const parents: (string | undefined)[] = [];
      const onprogress = () => parents.push(trace.getSpanContext(context.active())?.spanId);
      await traced.step('turn', () => call(client, 'progresses', { onprogress }));
      const spans = await spansNamed('tools/call progresses', 2);
      const sent = spans.find(({ kind }) => kind === SpanKind.CLIENT);
      expect(parents).toEqual([sent?.spanContext().spanId, sent?.spanContext().spanId]);
    });

    /** Client and server joined without a network, and a tool that is at work. */
    async function startSilentTool(options: { signal?: AbortSignal } = {}) {
      const [left, right] = generation.createPair();
      const server = wrapMcpServer(generation.createServer());
      const client = wrapMcpClient(generation.createClient());
      await Promise.all([server.connect(right as never), client.connect(left as never)]);
      const callsBefore = countSilentCalls();
      const failed = call(client, 'silent', options).catch(() => {});
      await vi.waitFor(() => expect(countSilentCalls()).toBe(callsBefore + 1));
      return { client, failed };
    }

    it('a cancelled tool ends on both sides', async () => {
      const abort = new AbortController();
      const { client, failed } = await startSilentTool({ signal: abort.signal });
      abort.abort(CANARY);
      await failed;
      const spans = await spansNamed('tools/call silent', 2);
      expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['cancelled', 'cancelled']);
      await client.close();
    });

    it("a resource's URI is reduced, and no content leaves", async () => {
      const client = await connect();
      await client.readResource({ uri: 'note://canary-7f3a/private' });
      const spans = await spansNamed('resources/read', 2);
      expect(spans.map(({ attributes }) => attributes['mcp.resource.uri'])).toEqual(['note:*', 'note:*']);
    });

    it('stdio: the server process goes on with the trace', async () => {
      const client = wrapMcpClient(generation.createClient());
      openClients.push(client);
      const script = path.join(import.meta.dirname, '../testing/mcp', generation.script);
      await client.connect(generation.createPipe(script) as never);
      const { content } = await call(client, 'answers');
      const sent = recorder.getSpan('tools/call answers');
      expect(sent.attributes['network.transport']).toBe('pipe');
      const inServer = JSON.parse(content[0]?.text ?? '') as { traceId: string; spanId: string };
      expect(inServer.traceId).toBe(sent.spanContext().traceId);
      expect(inServer.spanId).not.toBe(sent.spanContext().spanId);
    });

    it('a connection that closes ends what is open', async () => {
      const { client, failed } = await startSilentTool();
      await client.close();
      await failed;
      const spans = await spansNamed('tools/call silent', 2);
      expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual([
        'connection_closed',
        'connection_closed',
      ]);
    });

    it('directly inside traced.tool() the call is counted once', async () => {
      const client = await connect();
      await traced.tool({ name: 'answers' }, () => call(client, 'answers'));
      const spans = await spansNamed('tools/call answers', 2);
      const sent = spans.find(({ kind }) => kind === SpanKind.CLIENT);
      expect(sent?.attributes).not.toHaveProperty('gen_ai.operation.name');
      expect(drawTree(recorder.spans())).toContain('tools/call answers < execute_tool answers');
    });

    it('arguments and results are kept where a rule names the tool', async () => {
      configureCapture({ content: 'none,tool:refuses=full', mask: (text) => text.replaceAll(CANARY, '…') });
      const client = await connect();
      await call(client, 'refuses');
      await call(client, 'answers');
      for (const { attributes } of await spansNamed('tools/call refuses', 2)) {
        expect(attributes['gen_ai.tool.call.arguments']).toBe('{"q":"…"}');
        expect(attributes['gen_ai.tool.call.result']).toContain('"text":"…"');
      }
      for (const { attributes } of await spansNamed('tools/call answers', 2)) {
        expect(attributes).not.toHaveProperty('gen_ai.tool.call.arguments');
      }
    });

    it('client, server and transports stay what they are', async () => {
      const client = generation.createClient();
      const server = generation.createServer();
      expect(wrapMcpClient(client)).toBe(client);
      expect(wrapMcpClient(client)).toBe(client);
      expect(wrapMcpServer(server)).toBe(server);
      const params = Object.freeze({ name: 'answers', arguments: Object.freeze({ q: CANARY }) });
      const [left, right] = generation.createPair();
      await Promise.all([server.connect(right as never), client.connect(left as never)]);
      expect((client as unknown as { transport: object }).transport).toBe(left);
      expect(await client.callTool(params)).toHaveProperty('content');
      await client.close();
    });
  },
);

it('version 1: what the server asks of the client is below the tool', async () => {
  const [generation] = createGenerations(CANARY);
  const [left, right] = generation?.createPair() ?? [];
  const client = wrapMcpClient(generation?.createClient() as McpClient);
  const server = wrapMcpServer(generation?.createServer() as { connect(to: never): Promise<void> });
  (client as unknown as { setRequestHandler(schema: object, handler: () => object): void }).setRequestHandler(
    (await import('@modelcontextprotocol/sdk/types.js')).ListRootsRequestSchema,
    () => ({ roots: [] }),
  );
  await Promise.all([server.connect(right as never), client.connect(left as never)]);
  recorder.clear();
  await client.callTool({ name: 'asks-back', arguments: { q: CANARY } });
  await client.close();
  expect(drawTree(recorder.spans()).sort()).toEqual([
    'roots/list < roots/list',
    'roots/list < tools/call asks-back',
    'tools/call asks-back',
    'tools/call asks-back < tools/call asks-back',
  ]);
});

it('refuses what cannot be connected', () => {
  expect(() => wrapMcpClient({})).toThrow('wrapMcpClient: there is no connect()');
  expect(() => wrapMcpServer({})).toThrow('wrapMcpServer: there is no connect()');
});
