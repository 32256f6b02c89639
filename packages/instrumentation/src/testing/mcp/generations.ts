import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v2Client from '@modelcontextprotocol/client';
import * as v2ClientStdio from '@modelcontextprotocol/client/stdio';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as v2Server from '@modelcontextprotocol/server';
import { addToolsV1, addToolsV2 } from './tools.ts';

/** What the tests use of a client; both generations have it. */
export interface McpClient {
  connect(transport: never): Promise<void>;
  callTool(
    params: { name: string; arguments: object },
    ...rest: unknown[]
  ): Promise<{ isError?: boolean; content: { text?: string }[] }>;
  readResource(params: { uri: string }): Promise<unknown>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeout?: number;
  readonly onprogress?: (progress: unknown) => void;
}

/** The two generations of the TypeScript SDK, used alike. */
export interface McpGeneration {
  readonly name: string;
  createClient(): McpClient;
  createServer(): { connect(transport: never): Promise<void>; close(): Promise<void> };
  call(client: McpClient, tool: string, options?: CallOptions): Promise<{ content: { text?: string }[] }>;
  createHttpTransport(url: URL): object;
  createHttpHandler(
    createServer: () => object,
  ): (request: IncomingMessage, response: ServerResponse, body: unknown) => Promise<void>;
  createPipe(script: string): object;
  createPair(): readonly [object, object];
  readonly script: string;
}

const info = { name: 'test', version: '1.0.0' };
const args = (tool: string, text: string) => ({ name: tool, arguments: { q: text } });

export function createGenerations(question: string): readonly McpGeneration[] {
  return [
    {
      name: '@modelcontextprotocol/sdk 1',
      createClient: () => new Client(info, { capabilities: { roots: {} } }) as unknown as McpClient,
      createServer: () => addToolsV1(new McpServer(info)) as never,
      call: (client, tool, options) => client.callTool(args(tool, question), undefined, options),
      createHttpTransport: (url) => new StreamableHTTPClientTransport(url),
      createHttpHandler: (createServer) => async (request, response, body) => {
        const server = createServer() as McpServer;
        const transport = new StreamableHTTPServerTransport({ enableJsonResponse: false });
        response.once('close', () => server.close());
        await server.connect(transport as never);
        await transport.handleRequest(request, response, body);
      },
      createPipe: (script) =>
        new StdioClientTransport({ command: process.execPath, args: [script], stderr: 'ignore' }),
      createPair: () => InMemoryTransport.createLinkedPair(),
      script: 'stdio-server-v1.ts',
    },
    {
      name: '@modelcontextprotocol/client and server 2',
      createClient: () => new v2Client.Client(info) as unknown as McpClient,
      createServer: () => addToolsV2(new v2Server.McpServer(info)) as never,
      call: (client, tool, options) => client.callTool(args(tool, question), options),
      createHttpTransport: (url) => new v2Client.StreamableHTTPClientTransport(url),
      createHttpHandler: (createServer) => {
        const handler = toNodeHandler(v2Server.createMcpHandler(() => createServer() as v2Server.McpServer));
        return (request, response, body) => handler(request as never, response as never, body);
      },
      createPipe: (script) =>
        new v2ClientStdio.StdioClientTransport({
          command: process.execPath,
          args: [script],
          stderr: 'ignore',
        }),
      createPair: () => v2Client.InMemoryTransport.createLinkedPair(),
      script: 'stdio-server-v2.ts',
    },
  ];
}
