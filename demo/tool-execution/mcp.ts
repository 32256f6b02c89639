import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { context, propagation, trace } from '@opentelemetry/api';
import { traced } from '@spanwise/sdk';
import type { FastifyInstance } from 'fastify';
import { errorAnswer, RequestError } from '../shared/request-error.ts';
import type { Tool } from './tools.ts';

const LOCAL_ORIGIN = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

/**
 * The same tools for any agent that speaks MCP, over streamable HTTP. Stateless: each request has a server of
 * its own, so there is no session to keep or to lose.
 */
export function addMcpRoute(app: FastifyInstance, tools: readonly Tool[]): void {
  app.post('/mcp', async (request, reply) => {
    const { origin } = request.headers;
    if (origin !== undefined && !LOCAL_ORIGIN.test(origin)) throw new RequestError(403, 'local_only');
    const server = createMcpServer(tools);
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    reply.raw.once('close', () => server.close());
    // The transport's own types say `| undefined` where the interface says optional.
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    reply.hijack();
    await transport.handleRequest(request.raw, reply.raw, request.body);
  });
  // A stateless server has no stream to listen to and no session to end.
  for (const method of ['GET', 'DELETE'] as const) {
    app.route({
      method,
      url: '/mcp',
      handler: () => Promise.reject(new RequestError(405, 'method_not_allowed')),
    });
  }
}

function createMcpServer(tools: readonly Tool[]): McpServer {
  const server = new McpServer({ name: 'spanwise-demo-tools', version: '1.0.0' });
  for (const tool of tools) {
    server.registerTool(
      tool.name,
      { description: tool.description, inputSchema: tool.parameters.shape },
      (parameters, { _meta, requestId }) => callTool(tool, parameters, _meta, requestId),
    );
  }
  return server;
}

/**
 * One HTTP request may carry several MCP messages, so the message says itself whose child it is: `traceparent`
 * in `params._meta` (MCP, SEP-414). The HTTP request it came in stays as a link. Without it the HTTP request is
 * the parent as ever.
 */
async function callTool(
  tool: Tool,
  parameters: unknown,
  meta: object | undefined,
  requestId: string | number,
) {
  const ambient = trace.getActiveSpan()?.spanContext();
  const fromMessage = propagation.extract(context.active(), meta ?? {});
  const isCarried = trace.getSpanContext(fromMessage)?.spanId !== ambient?.spanId;
  const attributes = { 'mcp.method.name': 'tools/call', 'jsonrpc.request.id': String(requestId) };
  return context.with(fromMessage, () =>
    traced.tool({ name: tool.name, type: 'function', attributes }, async (span) => {
      if (isCarried && ambient !== undefined) span.addLink({ context: ambient });
      try {
        return { content: [{ type: 'text' as const, text: JSON.stringify(await tool.run(parameters)) }] };
      } catch (error) {
        const { code } = errorAnswer(error).body;
        span.recordToolError(code);
        return { isError: true, content: [{ type: 'text' as const, text: JSON.stringify({ error: code }) }] };
      }
    }),
  );
}
