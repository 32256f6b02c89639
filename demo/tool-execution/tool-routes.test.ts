import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it } from 'vitest';
import { createApp } from '../shared/app.ts';
import type { Sql } from '../shared/sql.ts';
import { addMcpRoute } from './mcp.ts';
import { addToolRoutes } from './tool-routes.ts';
import { createTools } from './tools.ts';

/** A shop without orders. */
const noOrders: Sql = { query: async () => ({ rows: [], rowCount: 0 }) };
const NOON = new Date('2026-06-01T12:00:00Z');

function createService() {
  const app = createApp('tool-execution');
  const tools = createTools(noOrders, () => NOON);
  addToolRoutes(app, tools);
  addMcpRoute(app, tools);
  return app;
}

const call = (tool: string, args: object) =>
  createService().inject({ method: 'POST', url: `/tools/${tool}`, payload: { arguments: args } });

describe('tools', () => {
  it('are listed with what they take', async () => {
    const { tools } = (await createService().inject('/tools')).json() as {
      tools: { name: string; parameters: { required?: string[] } }[];
    };
    expect(tools.map((tool) => tool.name)).toEqual(['calculator', 'clock', 'lookup_order']);
    expect(tools[0]?.parameters.required).toEqual(['expression']);
  });

  it('calculate', async () => {
    expect((await call('calculator', { expression: '6*7' })).json()).toEqual({
      result: { expression: '6*7', result: 42 },
    });
  });

  it.each([
    ['Asia/Tokyo', 'Asia/Tokyo', '21:00'],
    ['new york', 'America/New_York', '08:00'],
    ['UTC', 'UTC', '12:00'],
  ])('tell the time in %s', async (asked, time_zone, time) => {
    const { result } = (await call('clock', { time_zone: asked })).json();
    expect(result).toEqual({ time_zone, time, date: 'Monday, 1 June 2026' });
  });

  it.each([
    ['an unknown tool', 'rocket', {}, 404, 'unknown_tool'],
    ['an unknown place', 'clock', { time_zone: 'Atlantis' }, 422, 'unknown_time_zone'],
    ['no number', 'lookup_order', { order_number: '1; DROP TABLE orders' }, 400, 'invalid_request'],
    ['an order that is not there', 'lookup_order', { order_number: 5 }, 404, 'order_not_found'],
    ['no arithmetic', 'calculator', { expression: 'process.exit()' }, 422, 'invalid_expression'],
    ['too long a text', 'calculator', { expression: '1+'.repeat(200) }, 400, 'invalid_request'],
  ])('refuse %s', async (_name, tool, args, status, code) => {
    const response = await call(tool, args);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ code });
  });
});

describe('MCP', () => {
  it('is not there for web pages from elsewhere', async () => {
    const headers = { origin: 'https://evil.example' };
    const response = await createService().inject({ method: 'POST', url: '/mcp', headers, payload: {} });
    expect(response.statusCode).toBe(403);
  });

  it('answers any client, and says when a tool refuses', async () => {
    const app = createService();
    const url = new URL('/mcp', await app.listen({ host: '127.0.0.1', port: 0 }));
    const client = new Client({ name: 'test', version: '1.0.0' });
    // The transport's own types say `| undefined` where the interface says optional.
    await client.connect(new StreamableHTTPClientTransport(url) as Parameters<Client['connect']>[0]);
    const call = (expression: string) => client.callTool({ name: 'calculator', arguments: { expression } });
    expect(await call('6*7')).toMatchObject({ content: [{ text: '{"expression":"6*7","result":42}' }] });
    expect(await call('process.exit()')).toMatchObject({
      isError: true,
      content: [{ text: '{"error":"invalid_expression"}' }],
    });
    await client.close();
    await app.close();
  });

  it('has no sessions to open or end', async () => {
    expect((await createService().inject('/mcp')).statusCode).toBe(405);
  });
});
