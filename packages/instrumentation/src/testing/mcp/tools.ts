import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type * as v2 from '@modelcontextprotocol/server';
import { trace } from '@opentelemetry/api';
import { CANARY } from '../wire/wire.ts';

type Notify = (progress: number) => Promise<void>;

let silentCalls = 0;

/** How often the tool that never answers was called in this process. */
export function countSilentCalls(): number {
  return silentCalls;
}

/** `answers` says the span that it ran in, beside the canary; the others do as they are called. */
const tools: Readonly<Record<string, (notify: Notify) => Promise<{ text: string; isError?: boolean }>>> = {
  answers: async () => ({ text: JSON.stringify({ text: CANARY, ...trace.getActiveSpan()?.spanContext() }) }),
  refuses: async () => ({ text: CANARY, isError: true }),
  throws: () => Promise.reject(new Error(CANARY)),
  silent: () => {
    silentCalls += 1;
    return new Promise(() => {});
  },
  progresses: async (notify) => {
    await notify(1);
    await notify(2);
    return { text: CANARY };
  },
};

const uri = 'note://canary-7f3a/private';

export function addToolsV1(server: McpServer): McpServer {
  for (const [name, run] of Object.entries(tools)) {
    server.registerTool(name, { description: CANARY }, async (extra) => {
      const progressToken = extra._meta?.progressToken ?? 0;
      const { text, isError = false } = await run((progress) =>
        extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress } }),
      );
      return { content: [{ type: 'text', text }], isError };
    });
  }
  server.registerTool('asks-back', {}, async () => {
    await server.server.listRoots();
    return { content: [] };
  });
  server.registerResource('note', uri, {}, async () => ({ contents: [{ uri, text: CANARY }] }));
  return server;
}

export function addToolsV2(server: v2.McpServer): v2.McpServer {
  for (const [name, run] of Object.entries(tools)) {
    server.registerTool(name, { description: CANARY }, async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken ?? 0;
      const { text, isError = false } = await run((progress) =>
        mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } }),
      );
      return { content: [{ type: 'text', text }], isError };
    });
  }
  server.registerResource('note', uri, {}, async () => ({ contents: [{ uri, text: CANARY }] }));
  return server;
}
