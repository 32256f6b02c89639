import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../support/api-client.ts';
import { chat } from '../support/chat.ts';
import { insertHandbookPage } from '../support/handbook.ts';
import { logsRequest, send, sendOverGrpc, spansRequest } from '../support/otlp.ts';
import { contains, searchDataFolder } from '../support/search-data-folder.ts';
import { runNode, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * Content of every kind carries a marker of its own. Afterwards no marker is anywhere: not in a file, a table, a
 * log line or an API reply. The control is what may be kept, and must be found by the same search.
 */

/** A word of letters only, as the agent's rules want it for a place. */
const word = () =>
  `Canary${[...randomBytes(12)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')}`;

const markers = {
  prompt: word(),
  answer: word(),
  document: word(),
  toolArgument: word(),
  sdkException: word(),
  foreignInput: word(),
  foreignOutput: word(),
  foreignSystem: word(),
  foreignArguments: word(),
  foreignEvent: word(),
  foreignException: word(),
  foreignStatus: word(),
  foreignLog: word(),
  foreignOverGrpc: word(),
};
const control = word();

/** Where a marker was found, by place. */
let found: Map<string, string[]>;
const places = { files: 0, tables: 0, replies: 0 };

beforeAll(async () => {
  const dataDir = temporaryFolder('canary');
  const system = await startSystem({ demo: true, dataDir });
  let output = '';
  const replies: string[] = [];
  try {
    const traceIds = await haveConversations(system);
    replies.push(...(await readEverything(system.ui, traceIds)));
  } finally {
    await system.stop();
    output = system.process.output();
  }
  found = new Map(
    Object.entries({ ...markers, control }).map(([name, marker]) => [
      name,
      findInTexts(marker, replies, output),
    ]),
  );
  places.replies = replies.length;
  const all = { ...markers, control };
  const search = await searchDataFolder(dataDir, Object.values(all));
  for (const [name, marker] of Object.entries(all)) found.get(name)!.push(...search.found.get(marker)!);
  places.files = search.files;
  places.tables = search.tables;
  rmSync(dataDir, { recursive: true });
});

describe('content leaves no trace', () => {
  it('while what may be kept is found by the same search', () => {
    expect(found.get('control')).toEqual(
      expect.arrayContaining(['an API reply', expect.stringMatching(/^table /)]),
    );
    expect(places.files).toBeGreaterThan(10);
    expect(places.tables).toBeGreaterThan(1);
    expect(places.replies).toBeGreaterThan(10);
  });

  it.each(Object.keys(markers))('%s', (name) => {
    expect(found.get(name)).toEqual([]);
  });
});

/** Gives the traces' ids. Checks on the way that the markers really travelled. */
async function haveConversations(
  system: Awaited<ReturnType<typeof startSystem>>,
): Promise<readonly string[]> {
  await insertHandbookPage(system, {
    title: `The ${markers.document} valve`,
    text: `To reset the ${markers.document} valve, turn the knob marked ${markers.answer} to the left.`,
  });
  const question = await chat(
    system.gateway,
    `How do I reset the ${markers.document} valve? My name is ${markers.prompt}.`,
  );
  expect(question.answer).toContain(markers.answer);
  const place = await chat(system.gateway, `What time is it in ${markers.toolArgument}?`);
  expect(place).toMatchObject({ status: 200, tools: ['clock'] });
  const tool = await fetch(`http://127.0.0.1:${system.ports['tool-execution']}/tools/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ arguments: { time_zone: markers.toolArgument } }),
  });
  expect(tool.status).toBe(422);
  // Between services, errors travel as codes.
  expect(await tool.text()).not.toContain(markers.toolArgument);

  const agent = runNode([
    'tests/integration/fixtures/throwing-agent.ts',
    system.otlpGrpc,
    markers.sdkException,
  ]);
  await expect(agent.ended).resolves.toBe(0);
  expect(agent.output()).not.toContain(markers.sdkException);
  const agentTraceId = /^[0-9a-f]{32}$/m.exec(agent.output())?.[0];
  expect(agentTraceId).toBeDefined();

  let foreignTraceId = '';
  const spans = spansRequest('foreign', (tracer) => {
    foreignTraceId = recordForeignSpans(tracer);
  });
  await send(system.otlpHttp, spans);
  await send(system.otlpHttp, foreignLogs());
  await sendOverGrpc(system.otlpGrpc, 'foreign', (tracer) => {
    tracer.startSpan('chat big', { attributes: { 'gen_ai.prompt': markers.foreignOverGrpc } }).end();
  });
  return [question.traceId, place.traceId, agentTraceId!, foreignTraceId];
}

/** What SDKs in the wild send when content capture is on. */
function recordForeignSpans(tracer: Tracer): string {
  const messages = (text: string) =>
    JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: text }] }]);
  const span = tracer.startSpan('chat big', {
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'big',
      'gen_ai.input.messages': messages(markers.foreignInput),
      'gen_ai.output.messages': messages(markers.foreignOutput),
      'gen_ai.system_instructions': markers.foreignSystem,
      'gen_ai.completion.0.content': markers.foreignOutput,
      'llm.input_messages.0.message.content': markers.foreignInput,
      'ai.prompt.messages': messages(markers.foreignInput),
      'input.value': markers.foreignInput,
      'output.value': markers.foreignOutput,
      'app.note': control,
    },
  });
  span.addEvent('gen_ai.user.message', { content: markers.foreignEvent });
  span.addEvent('gen_ai.client.inference.operation.details', {
    'gen_ai.input.messages': messages(markers.foreignEvent),
  });
  const inner = trace.setSpan(ROOT_CONTEXT, span);
  const tool = tracer.startSpan(
    'execute_tool lookup',
    {
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'lookup',
        'gen_ai.tool.call.arguments': JSON.stringify({ name: markers.foreignArguments }),
        'gen_ai.tool.call.result': markers.foreignArguments,
      },
    },
    inner,
  );
  tool.recordException(new Error(`no such customer: ${markers.foreignException}`));
  tool.setStatus({ code: 2, message: `no such customer: ${markers.foreignStatus}` });
  tool.end();
  span.end();
  return span.spanContext().traceId;
}

function foreignLogs() {
  return logsRequest('foreign', (logger) => {
    for (const eventName of [
      'gen_ai.user.message',
      'gen_ai.choice',
      'gen_ai.client.inference.operation.details',
    ]) {
      logger.emit({
        eventName,
        body: { role: 'user', content: markers.foreignLog },
        attributes: { 'gen_ai.input.messages': markers.foreignLog },
      });
    }
  });
}

/** Every reply that could show a trace. */
async function readEverything(ui: string, traceIds: readonly string[]): Promise<readonly string[]> {
  const api = createApiClient(ui);
  await waitFor('every trace to be stored', async () => {
    const stored = await Promise.all(traceIds.map((traceId) => api.skeleton(traceId)));
    return stored.every((skeleton) => skeleton !== undefined);
  });
  await api.completeTrace(traceIds[0]!, ['api-gateway', 'rag-retrieval', 'llm-proxy']);
  await api.completeTrace(traceIds[1]!, ['api-gateway', 'tool-execution']);
  const paths = traceIds.flatMap((traceId) => [
    `/api/v1/traces/${traceId}`,
    `/api/v1/traces/${traceId}/analysis`,
    `/api/v1/traces/${traceId}/logs?limit=5000`,
    `/api/traces/${traceId}`,
  ]);
  const { services } = JSON.parse(await api.text('/api/v1/services')) as { services: string[] };
  for (const service of services) {
    paths.push(
      `/api/v1/operations?service=${service}`,
      `/api/v1/traces?service=${service}&limit=1500`,
      `/api/traces?service=${service}&limit=1500`,
      `/api/services/${service}/operations`,
    );
  }
  paths.push('/api/services', '/api/v1/status', '/api/v1/traces?limit=1500');
  const replies = await Promise.all(paths.map((path) => api.text(path)));
  for (const traceId of traceIds) replies.push(JSON.stringify(await api.spans(traceId)));
  return replies;
}

function findInTexts(marker: string, replies: readonly string[], output: string): string[] {
  const where: string[] = [];
  if (replies.some((reply) => contains(reply, marker))) where.push('an API reply');
  if (contains(output, marker)) where.push('a log line');
  return where;
}
