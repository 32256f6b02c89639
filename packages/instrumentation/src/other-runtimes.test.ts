import { createContext, runInContext } from 'node:vm';
import { build } from 'rolldown';
import { beforeAll, expect, it } from 'vitest';

/*
 * The package in a runtime without anything of Node.js: no `process`, no `Buffer`, no built-in modules, as at the
 * edge. Bun and Deno themselves run in tests/packages.
 */

/** What every runtime with web APIs has (WinterTC, "Minimum Common API"), as far as the package needs it. */
const webApis = {
  AbortController,
  AbortSignal,
  console,
  Headers,
  performance,
  ReadableStream,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
  setTimeout,
  clearTimeout,
};

let code: string;
let imports: readonly string[];
beforeAll(async () => {
  const { output } = await build({
    input: new URL('./index.ts', import.meta.url).pathname,
    platform: 'browser',
    write: false,
    output: { format: 'iife', name: 'spanwise' },
  });
  code = output[0].code;
  imports = output.flatMap((chunk) =>
    chunk.type === 'chunk' ? [...chunk.imports, ...chunk.dynamicImports] : [],
  );
});

/** Runs a program that has the package as `spanwise`, and gives what it evaluates to. */
async function run(program: string): Promise<unknown> {
  const scope = createContext({ ...webApis });
  runInContext(code, scope);
  // Through JSON, since objects of another realm equal none of this one.
  return JSON.parse(await runInContext(`(async () => JSON.stringify(await (${program})()))()`, scope));
}

it('imports nothing', () => {
  expect(imports).toEqual([]);
});

it('steps, conversations and carriers are plain calls of their functions', async () => {
  expect(
    await run(`async () => {
      const { continueTrace, injectTrace, traced, withConversation } = spanwise;
      const chunks = [];
      await withConversation({ conversationId: 'c', userId: 'ada' }, () =>
        traced.agent({ name: 'support' }, async (span) => {
          span.recordContent({ input: () => 'never called' });
          for await (const chunk of traced.llm({ model: 'm', provider: 'p' }, async function* () { yield 1; yield 2; }))
            chunks.push(chunk);
        }));
      return [chunks, injectTrace(), continueTrace({}, () => 'there')];
    }`),
  ).toEqual([[1, 2], {}, 'there']);
});

it('clients of models and services can be wrapped and used', async () => {
  expect(
    await run(`async () => {
      const { TracedServiceClient, traceAiSdk, wrapOpenAI } = spanwise;
      const openai = wrapOpenAI({ chat: { completions: { create: async () => ({ id: 'r' }) } } });
      traceAiSdk()();
      const fetch = async () => new Response('{"ok":true}', { headers: { 'content-type': 'application/json' } });
      const client = new TracedServiceClient('http://service.internal', { fetch });
      return [await openai.chat.completions.create({ model: 'm' }), await client.get('/')];
    }`),
  ).toEqual([{ id: 'r' }, { ok: true }]);
});
