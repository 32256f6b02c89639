import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { wrapMcpServer } from '@spanwise/sdk';
import type { FastifyInstance } from 'fastify';
import { errorAnswer, RequestError } from '../shared/request-error.ts';
import type { Tool } from './tools.ts';

const LOCAL_ORIGIN = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

/**
 * The same tools for any agent that speaks MCP, over streamable HTTP. Stateless: each request has a server of
 * its own, so there is no session to keep or to lose. The wrapper reads whose child a message is from the message
 * itself, for one HTTP request may carry several.
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
  const server = wrapMcpServer(new McpServer({ name: 'spanwise-demo-tools', version: '1.0.0' }));
  for (const tool of tools) {
    server.registerTool(
      tool.name,
      { description: tool.description, inputSchema: tool.parameters.shape },
      (parameters) => callTool(tool, parameters),
    );
  }
  return server;
}

async function callTool(tool: Tool, parameters: unknown) {
  try {
    return { content: [{ type: 'text' as const, text: JSON.stringify(await tool.run(parameters)) }] };
  } catch (error) {
    const { code } = errorAnswer(error).body;
    return { isError: true, content: [{ type: 'text' as const, text: JSON.stringify({ error: code }) }] };
  }
}
