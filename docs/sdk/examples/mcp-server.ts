import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { traced, wrapMcpServer } from '@spanwise/instrumentation';

const server = wrapMcpServer(new McpServer({ name: 'orders', version: '1.0.0' }));

server.registerTool('order_status', { description: 'Where an order is' }, async () => {
  const status = await traced.step('read_database', async () => 'on its way');
  return { content: [{ type: 'text', text: status }] };
});

await server.connect(new StdioServerTransport());
