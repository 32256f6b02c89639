import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { startProgram } from '../../packages/sdk/src/testing/child-program.ts';
import { startLocalCollector } from '../../packages/sdk/src/testing/local-collector.ts';

/* The servers of docs/sdk/first-trace.md, started by the flag and nothing else. */

const docs = path.join(import.meta.dirname, '../../docs/sdk');

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

it.concurrent.each([
  ['node-http', 'GET'],
  ['express', 'GET /orders/:id'],
  ['fastify', 'GET /orders/:id'],
  ['hono', 'GET'],
])('%s', async (name, serverSpan) => {
  const file = path.join(docs, 'examples/servers', `${name}.js`);
  const page = readFileSync(path.join(docs, 'first-trace.md'), 'utf8');
  expect(page).toContain(`\`\`\`js\n${readFileSync(file, 'utf8')}\`\`\`\n\nServer span: \`${serverSpan}\`.`);

  const collector = await startLocalCollector();
  const port = await findFreePort();
  const env = {
    PORT: String(port),
    OTEL_SERVICE_NAME: 'shop',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpEndpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  };
  const program = startProgram(pathToFileURL(file).href, env, ['--import', '@spanwise/sdk/register']);
  try {
    await program.line((line) => line === 'listening');
    const answer = await fetch(`http://localhost:${port}/orders/17`);
    expect(await answer.json()).toMatchObject({ status: 'sent' });
  } finally {
    program.process.kill('SIGTERM');
    await program.exit;
    collector.close();
  }
  expect(program.output.stderr).toBe('');
  const spans = collector.spans();
  const server = spans.find((span) => span.parentSpanId === undefined);
  expect(server).toMatchObject({ service: 'shop', name: serverSpan });
  const steps = spans.filter((span) => span.parentSpanId === server?.spanId).map((span) => span.name);
  expect(steps).toEqual(['execute_tool order_lookup']);
});
