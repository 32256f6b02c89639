import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { traced, wrapMcpClient } from '@spanwise/instrumentation';

const client = wrapMcpClient(new Client({ name: 'agent', version: '1.0.0' }));
const server = new URL('mcp-server.ts', import.meta.url).pathname;
await client.connect(new StdioClientTransport({ command: process.execPath, args: [server] }));

export const answer = await traced.agent({ name: 'support' }, async () => {
  const { content } = await client.callTool({ name: 'order_status' });
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
});
await client.close();
