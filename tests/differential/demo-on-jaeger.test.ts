import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningDemo, startDemo } from '../../demo/testing/start-demo.ts';
import { type ChatReply, chat } from '../support/chat.ts';
import { findPortOffset } from '../support/ports.ts';
import { temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';
import { type RunningJaeger, startJaeger } from './support/start-jaeger.ts';

/* The article's own set-up: the six services send OTLP over gRPC to a real Jaeger. The SDK needs no Spanwise. */

const binary = process.env.JAEGER_BINARY;

interface JaegerSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly processID: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
}

interface JaegerTrace {
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

describe.skipIf(binary === undefined)('the demo on a real Jaeger (skipped: JAEGER_BINARY is not set)', () => {
  const folder = temporaryFolder('demo-on-jaeger');
  let jaeger: RunningJaeger;
  let demo: RunningDemo;
  let reply: ChatReply;
  let trace: JaegerTrace;

  beforeAll(async () => {
    jaeger = await startJaeger(binary!, folder, await findPortOffset());
    demo = await startDemo({
      OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpGrpc,
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    reply = await chat(demo.url, 'How do I descale the machine?');
    await waitFor('the whole trace in Jaeger', async () => {
      const found = await findTrace(reply.traceId);
      if (found === undefined || !isWhole(found)) return false;
      trace = found;
      return true;
    });
  });
  afterAll(async () => {
    await demo?.stop();
    await jaeger?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function findTrace(traceId: string): Promise<JaegerTrace | undefined> {
    const response = await fetch(`${jaeger.query}/api/traces/${traceId}`);
    if (!response.ok) return undefined;
    const { data } = (await response.json()) as { readonly data: readonly JaegerTrace[] };
    return data[0];
  }

  const parentOf = ({ references }: JaegerSpan) =>
    references.find(({ refType }) => refType === 'CHILD_OF')?.spanID;

  /** The gateway's span is there, which ends last, and no parent is missing. */
  function isWhole({ spans }: JaegerTrace): boolean {
    const ids = new Set(spans.map(({ spanID }) => spanID));
    const parents = spans.map(parentOf);
    return parents.includes(undefined) && parents.every((id) => id === undefined || ids.has(id));
  }

  it('is one trace with one root, under the id that the gateway answered with', () => {
    expect(reply.status).toBe(200);
    expect(trace.spans.filter((span) => parentOf(span) === undefined)).toHaveLength(1);
  });

  it('goes through the services that the answer needs', () => {
    const services = new Set(Object.values(trace.processes).map(({ serviceName }) => serviceName));
    expect([...services].sort()).toEqual([
      'api-gateway',
      'conversation-manager',
      'llm-proxy',
      'memory-store',
      'rag-retrieval',
    ]);
  });

  it.each([
    ['api-gateway', 'POST /chat', undefined],
    ['conversation-manager', 'handle_message', undefined],
    ['conversation-manager', 'classify_intent', 'handle_message'],
    ['conversation-manager', 'retrieve_context', 'handle_message'],
    ['conversation-manager', 'generate_response', 'handle_message'],
    ['rag-retrieval', 'retrieve_documents', undefined],
    ['rag-retrieval', 'generate_embedding', 'retrieve_documents'],
    ['rag-retrieval', 'vector_search', 'retrieve_documents'],
    ['rag-retrieval', 'rerank', 'retrieve_documents'],
  ])('%s has the span %s, below %s', (service, name, parentName) => {
    const named = trace.spans.filter(({ operationName }) => operationName === name);
    expect(named).toHaveLength(1);
    const [span] = named;
    expect(trace.processes[span!.processID]?.serviceName).toBe(service);
    if (parentName === undefined) return;
    const parent = trace.spans.find(({ spanID }) => spanID === parentOf(span!));
    expect(parent?.operationName).toBe(parentName);
  });

  it('names the model call as it does for Spanwise', () => {
    const names = trace.spans
      .filter(({ processID }) => trace.processes[processID]?.serviceName === 'llm-proxy')
      .map(({ operationName }) => operationName);
    expect(names).toContain('chat spanwise-offline-1');
  });

  it('is found by service and operation, as people search in Jaeger', async () => {
    const found = await fetch(`${jaeger.query}/api/operations?service=rag-retrieval`);
    const { data } = (await found.json()) as { readonly data: readonly { readonly name: string }[] };
    expect(data.map(({ name }) => name)).toContain('retrieve_documents');
  });
});
