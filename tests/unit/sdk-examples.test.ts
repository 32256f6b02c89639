import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type ModelServer,
  startModelServer,
} from '../../packages/instrumentation/src/testing/model-server.ts';
import { drawTree, startSpanRecorder } from '../../packages/instrumentation/src/testing/span-recorder.ts';
import { anthropicWire } from '../../packages/instrumentation/src/testing/wire/anthropic-wire.ts';
import { openAiWire } from '../../packages/instrumentation/src/testing/wire/openai-wire.ts';
import type { Wire } from '../../packages/instrumentation/src/testing/wire/wire.ts';

/* The code on the pages of docs/sdk is a file; here it runs as it stands, against a local server. */

const docs = path.join(import.meta.dirname, '../../docs/sdk');
const recorder = startSpanRecorder();
const servers: ModelServer[] = [];

async function serve(wire: Wire): Promise<string> {
  const server = await startModelServer(wire);
  servers.push(server);
  return server.origin;
}

beforeAll(async () => {
  vi.stubEnv('OPENAI_API_KEY', 'key');
  vi.stubEnv('OPENAI_BASE_URL', `${await serve(openAiWire)}/v1`);
  vi.stubEnv('ANTHROPIC_API_KEY', 'key');
  vi.stubEnv('ANTHROPIC_BASE_URL', await serve(anthropicWire));
});
afterEach(() => recorder.clear());
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all(servers.map((server) => server.close()));
});

it('mcp.md shows the server that its client starts', () => {
  const code = readFileSync(path.join(docs, 'examples/mcp-server.ts'), 'utf8');
  expect(readFileSync(path.join(docs, 'mcp.md'), 'utf8')).toContain(`\`\`\`ts\n${code}\`\`\``);
});

describe.each([
  ['openai', ['chat gpt-5-mini < invoke_agent support', 'invoke_agent support']],
  ['mcp', ['initialize', 'tools/call order_status < invoke_agent support', 'invoke_agent support']],
  ['anthropic', ['chat claude-sonnet-5-5 < invoke_agent support', 'invoke_agent support']],
])('%s.md', (page, spans) => {
  it('shows the file that is run', () => {
    const code = readFileSync(path.join(docs, 'examples', `${page}.ts`), 'utf8');
    const text = readFileSync(path.join(docs, `${page}.md`), 'utf8');
    expect(text).toContain(`\`\`\`ts\n${code}\`\`\``);
  });

  it('runs, and makes these spans', async () => {
    const { answer } = (await import(path.join(docs, 'examples', `${page}.ts`))) as { answer: string };
    expect(answer).toMatch(/canary|on its way/);
    await vi.waitFor(() => expect(drawTree(recorder.spans()).sort()).toEqual(spans.toSorted()));
  });
});
