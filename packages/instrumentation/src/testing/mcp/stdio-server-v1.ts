import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { wrapMcpServer } from '../../mcp/wrap-mcp.ts';
import { startSpanRecorder } from '../span-recorder.ts';
import { addToolsV1 } from './tools.ts';

/* A server in a process of its own, for the tests of stdio. */

startSpanRecorder();
const server = addToolsV1(wrapMcpServer(new McpServer({ name: 'stdio', version: '1.0.0' })));
await server.connect(new StdioServerTransport());
