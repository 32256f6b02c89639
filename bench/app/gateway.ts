import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startTracing, toolsFolder } from './tracing.ts';
import { type GatewayRequest, type GatewayUse, variants } from './variants.ts';

/*
 * node gateway.ts <variant> <origin of the peers>
 *
 * The demo's turn in one process: a request comes in, a document is fetched, a tool is run, and a streaming
 * model answers. Child of bench/app.ts.
 */

const [id, peers = ''] = process.argv.slice(2);
const variant = variants.find((one) => one.id === id);
if (variant === undefined) throw new Error(`there is no variant ${id}`);
const tracing = startTracing(variant);

// Loaded by require and late, so that every instrumentation sees it.
const { createServer } = createRequire(import.meta.url)('node:http') as typeof import('node:http');
const { OpenAI } = createRequire(path.join(toolsFolder, 'package.json'))('openai') as typeof import('openai');
const client = tracing.wrap(new OpenAI({ apiKey: 'key', baseURL: `${peers}/v1`, maxRetries: 0 }));
const loop = monitorEventLoopDelay({ resolution: 5 });

function answer(message: string): Promise<string> {
  return tracing.agent(async () => {
    const documents = await tracing.retrieval(async () => {
      const response = await fetch(`${peers}/documents`);
      return (await response.json()) as { readonly texts: readonly string[] };
    });
    const order = await tracing.tool(async () => `order 1042 has ${documents.texts.length} parts`);
    const stream = await client.chat.completions.create({
      model: 'gpt-5-mini',
      messages: [
        { role: 'system', content: `${documents.texts.join('\n')}\n${order}` },
        { role: 'user', content: message },
      ],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    return text;
  });
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  try {
    const text = await answer((JSON.parse(body) as { readonly message: string }).message);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text }));
  } catch (error) {
    response.writeHead(500).end();
    console.error(error);
  }
}

const server = createServer((request, response) => void handle(request, response));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

process.on('disconnect', () => process.exit());
let cpuAtStart = process.cpuUsage();
process.on('message', async (asked: GatewayRequest) => {
  if (asked === 'start') {
    loop.reset();
    loop.enable();
    cpuAtStart = process.cpuUsage();
    process.send?.('started');
  } else if (asked === 'stop') {
    const { user, system } = process.cpuUsage(cpuAtStart);
    loop.disable();
    const memory = process.memoryUsage();
    const use: GatewayUse = {
      cpuMicros: user + system,
      loopDelayMillis: loop.percentile(99) / 1e6,
      rssMebibytes: memory.rss / 2 ** 20,
      heapMebibytes: memory.heapUsed / 2 ** 20,
    };
    process.send?.(use);
  } else if (asked === 'flush') {
    await tracing.forceFlush();
    process.send?.('flushed');
  } else {
    await tracing.shutdown();
    process.disconnect();
    process.exit();
  }
});
