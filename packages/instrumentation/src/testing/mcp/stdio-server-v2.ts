import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { wrapMcpServer } from '../../mcp/wrap-mcp.ts';
import { startSpanRecorder } from '../span-recorder.ts';
import { addToolsV2 } from './tools.ts';

/* A server in a process of its own, for the tests of stdio. */

startSpanRecorder();
const server = addToolsV2(wrapMcpServer(new McpServer({ name: 'stdio', version: '1.0.0' })));
await server.connect(new StdioServerTransport());
