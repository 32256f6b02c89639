import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LogRecordDto, LogsResponse, ServicesResponse, SpanDto, TracesResponse } from '@spanwise/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type ApiClient, createApiClient } from '../support/api-client.ts';
import { attribute, integer, text } from '../support/attributes.ts';
import { findPortOffset, type Ports, portsAt, services } from '../support/ports.ts';
import { checkout, isReady, type RunningSystem, runNode, startSystem } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';
import type { ProbeResult } from './fixtures/sdk-probe.ts';

/*
 * The system as an article on tracing agents first described it, feature by feature: rows A1 to A13.
 */

interface Evidence {
  readonly system: RunningSystem;
  readonly api: ApiClient;
  /** Of the three turns that `npm start` sends: the handbook, a tool, memory. */
  readonly handbook: readonly SpanDto[];
  readonly tool: readonly SpanDto[];
  readonly memory: readonly SpanDto[];
  readonly logs: readonly LogRecordDto[];
  readonly probe: ProbeResult;
}

let evidence: Evidence;

beforeAll(async () => {
  const portOffset = await findPortOffset();
  const ports = portsAt(portOffset);
  const [system, probe] = await Promise.all([
    startSystem({ demo: true, portOffset }),
    waitForBackend(ports).then(() => runProbe(`http://127.0.0.1:${ports.otlpGrpc}`)),
  ]);
  const api = createApiClient(system.ui);
  const traceIds = [...system.process.output().matchAll(/\/trace\/([0-9a-f]{32})/g)].map(([, id]) => id!);
  expect(traceIds).toHaveLength(3);
  const [handbook, tool, memory] = await Promise.all([
    api.completeTrace(traceIds[0]!, ['rag-retrieval']),
    api.completeTrace(traceIds[1]!, ['tool-execution']),
    api.completeTrace(traceIds[2]!, ['memory-store']),
  ]);
  const logs = await waitFor('logs of gateway and model', async () => {
    const found = await api.logs(traceIds[0]!);
    const names = new Set(found.map(({ service }) => service));
    return names.has('api-gateway') && names.has('llm-proxy') && found;
  });
  evidence = { system, api, handbook, tool, memory, logs, probe };
});

afterAll(() => evidence?.system.stop());

const rows: readonly (readonly [
  id: string,
  what: string,
  holds: (given: Evidence) => void | Promise<void>,
])[] = [
  [
    'A1',
    'one call sets a service up: resource, OTLP over gRPC, B3 multi headers',
    async ({ handbook, tool, api, probe }) => {
      for (const span of [...handbook, ...tool]) {
        expect(text(span.resource, 'service.name')).toBe(span.service);
        expect(text(span.resource, 'service.version')).toMatch(/^\d+\.\d+\.\d+/);
        expect(text(span.resource, 'deployment.environment.name')).toMatch(/./);
      }
      const client = (await api.spans(probe.traceId)).find(({ kind }) => kind === 'client');
      expect(probe.headers).toMatchObject({
        'x-b3-traceid': probe.traceId,
        'x-b3-spanid': client?.spanId,
        'x-b3-sampled': '1',
      });
    },
  ],
  [
    'A2',
    'every endpoint has a server span',
    ({ handbook, tool }) => {
      const routes = new Set(
        [...handbook, ...tool].filter(isServer).map((span) => `${span.service} ${span.name}`),
      );
      expect(routes).toContain('api-gateway POST /chat');
      expect(routes).toContain('rag-retrieval POST /retrieve');
      expect(routes).toContain('llm-proxy POST /v1/chat/completions');
      expect(routes).toContain('llm-proxy POST /v1/embeddings');
      for (const name of services) expect([...routes].some((route) => route.startsWith(name))).toBe(true);
    },
  ],
  [
    'A3',
    'retrieval: documents out, and a span for each step',
    async ({ handbook, system }) => {
      const retrieve = named(handbook, 'retrieve_documents');
      const topK = integer(retrieve.attributes, 'top_k') ?? 0;
      expect(topK).toBeGreaterThan(0);
      expect(integer(retrieve.attributes, 'query.length')).toBeGreaterThan(0);
      expect(integer(retrieve.attributes, 'results.count')).toBe(topK);
      named(childrenOf(handbook, retrieve), 'generate_embedding');
      const search = named(childrenOf(handbook, retrieve), 'vector_search');
      expect(integer(search.attributes, 'candidates.count')).toBe(3 * topK);
      const rerank = named(childrenOf(handbook, retrieve), 'rerank');
      expect(integer(rerank.attributes, 'reranked.count')).toBe(3 * topK);

      const response = await fetch(`http://127.0.0.1:${system.ports['rag-retrieval']}/retrieve`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'descale the machine', top_k: 2 }),
      });
      expect(response.status).toBe(200);
      expect(((await response.json()) as { documents: unknown[] }).documents).toHaveLength(2);
    },
  ],
  [
    'A4',
    'the traced client: JSON POST, context in headers, errors raised, 15 s',
    ({ probe }) => {
      expect(probe.method).toBe('POST');
      expect(probe.body).toEqual({ question: 42 });
      expect(probe.headers['content-type']).toContain('application/json');
      expect(probe.headers.traceparent).toContain(probe.traceId);
      expect(probe.error).toEqual({ status: 500, code: 'broken' });
      expect(probe.timeout.code).toBe('timeout');
      expect(Math.round(probe.timeout.millis / 1_000)).toBe(15);
    },
  ],
  [
    'A5',
    'one trace across services',
    ({ handbook, tool }) => {
      expect(callersOf(handbook, 'api-gateway')).toEqual([undefined]);
      expect(callersOf(handbook, 'conversation-manager')).toEqual(['api-gateway']);
      expect(callersOf(handbook, 'rag-retrieval')).toEqual(['conversation-manager']);
      expect(callersOf(handbook, 'memory-store')).toEqual(['conversation-manager']);
      expect(callersOf(tool, 'tool-execution')).toEqual(['conversation-manager']);
      expect(callersOf(handbook, 'llm-proxy')).toContain('conversation-manager');
    },
  ],
  [
    'A6',
    'the conversation manager: steps with intent, tool, tokens and model',
    ({ handbook, tool }) => {
      for (const spans of [handbook, tool]) {
        const handle = named(spans, 'handle_message');
        expect(text(handle.attributes, 'session.id')).toMatch(/./);
        const steps = descendantsOf(spans, handle).filter(
          ({ service }) => service === 'conversation-manager',
        );
        expect(text(named(steps, 'classify_intent').attributes, 'intent')).toMatch(/./);
        const generate = named(steps, 'generate_response');
        expect(integer(generate.attributes, 'tokens.used')).toBeGreaterThan(0);
        expect(text(generate.attributes, 'model')).toMatch(/./);
      }
      named(handbook, 'retrieve_context');
      const execute = tool.find(({ name }) => /^execute_tool/.test(name));
      expect(text(execute?.attributes ?? [], 'tool.name')).toMatch(/./);
      expect(attribute(execute?.attributes ?? [], 'tool.success')).toEqual({ type: 'bool', value: true });
      expect(handbook.some(({ name }) => name.startsWith('execute_tool'))).toBe(false);
    },
  ],
  [
    'A7',
    'Kubernetes: namespace, Deployment, Service with the ports ui and otlp',
    async ({ system }) => {
      const manifest = path.join(checkout, 'deploy/kubernetes/agent-system.yaml');
      const documents = parseAllDocuments(readFileSync(manifest, 'utf8')).map((document) => {
        expect(document.errors).toEqual([]);
        return document.toJS() as Manifest;
      });
      const ofKind = (kind: string) => documents.find((document) => document.kind === kind);
      expect(ofKind('Namespace')?.metadata.name).toBe('agent-system');
      const deployment = ofKind('Deployment');
      expect(deployment?.metadata.namespace).toBe('agent-system');
      const [container] = deployment?.spec?.template?.spec.containers ?? [];
      const ports = new Map(container?.ports.map(({ name, containerPort }) => [name, containerPort]));
      expect(ports.get('ui')).toBe(16686);
      expect(ports.get('otlp')).toBe(4317);
      const service = ofKind('Service');
      expect(service?.metadata.namespace).toBe('agent-system');
      expect(service?.spec?.ports).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ name: 'ui', port: 16686 }),
          expect.objectContaining({ name: 'otlp', port: 4317 }),
        ]),
      );
      const labels = deployment?.spec?.template?.metadata.labels;
      expect(labels).toMatchObject(service?.spec?.selector as Record<string, string>);
      // What the manifest sets, the server understands.
      const env = Object.fromEntries(container?.env.map(({ name, value }) => [name, value]) ?? []);
      const check = runNode(['packages/cli/src/main.ts', 'serve', '--metrics-port', 'none'], env);
      await check.ended;
      expect(check.output()).toContain('--metrics-port');
      expect(system.ports.ui - system.portOffset).toBe(ports.get('ui'));
      expect(system.ports.otlpGrpc - system.portOffset).toBe(ports.get('otlp'));
    },
  ],
  [
    'A8',
    'search by service, operation and duration; a waterfall over services',
    async ({ api, handbook }) => {
      const traceId = handbook[0]!.traceId;
      const find = async (query: string) => {
        const body = JSON.parse(await api.text(`/api/v1/traces?limit=50&${query}`)) as TracesResponse;
        return body.traces.map((trace) => trace.traceId);
      };
      const operation = encodeURIComponent('POST /chat');
      expect(
        await find(`service=api-gateway&operation=${operation}&minDuration=1ms&maxDuration=1h`),
      ).toContain(traceId);
      expect(await find(`service=api-gateway&operation=${operation}&minDuration=1h`)).not.toContain(traceId);
      expect(await find('service=rag-retrieval&operation=retrieve_documents')).toContain(traceId);
      expect(await find('service=no-such-service')).toEqual([]);
      const jaeger = await api.text(`/api/traces?service=api-gateway&operation=${operation}&limit=50`);
      expect(jaeger).toContain(traceId);

      const skeleton = await api.skeleton(traceId);
      expect(skeleton?.services.length).toBeGreaterThanOrEqual(5);
      const analysis = await api.analysis(traceId);
      const known = analysis.byService.flatMap(({ service }) => (service === undefined ? [] : [service]));
      expect(known.length).toBeGreaterThan(1);
      expect(analysis.bottleneck?.sentence).toMatch(/^[\d.]+ of [\d.]+\s\S+ in llm-proxy › chat /);
    },
  ],
  [
    'A9',
    'under 1 ms a span; a full queue drops, counts and does not block; sizes can be set',
    ({ probe }) => {
      const { spans, dropped, millis } = probe.overload;
      expect(millis / spans).toBeLessThan(1);
      // 10,000 spans into a queue of 100, of which at most a batch of 50 left meanwhile.
      expect(dropped).toBeGreaterThanOrEqual(spans - 150);
    },
  ],
  [
    'A10',
    'a span for each model call: model, tokens, latency; never prompt or response',
    ({ handbook, tool, memory }) => {
      for (const spans of [handbook, tool, memory]) {
        const calls = spans.filter(({ name }) => name.startsWith('chat '));
        expect(calls.length).toBeGreaterThan(0);
        for (const call of calls) {
          expect(call.name).toBe(`chat ${text(call.attributes, 'gen_ai.request.model')}`);
          expect(integer(call.attributes, 'gen_ai.usage.input_tokens')).toBeGreaterThan(0);
          expect(integer(call.attributes, 'gen_ai.usage.output_tokens')).toBeGreaterThan(0);
          expect(call.durationNanos).toBeGreaterThan(0);
        }
        const withUsage = spans.filter((span) => attribute(span.attributes, 'gen_ai.usage.input_tokens'));
        for (const { name } of withUsage) expect(name).toMatch(/^(chat|embeddings) /);
        expect(JSON.stringify(spans)).not.toMatch(/descale the machine|status of order|will it arrive/i);
      }
    },
  ],
  [
    'A11',
    'trace and span id in every log line; from a trace to its logs and back',
    ({ handbook, logs, system }) => {
      const spanIds = new Set(handbook.map(({ spanId }) => spanId));
      for (const log of logs) {
        expect(log.traceId).toBe(handbook[0]!.traceId);
        expect(spanIds).toContain(log.spanId);
      }
      const lines = system.process
        .output()
        .split('\n')
        .filter((line) => line.includes('"request done"'));
      expect(lines.length).toBeGreaterThan(6);
      for (const line of lines) {
        const record = JSON.parse(line.slice(line.indexOf('{'))) as Record<string, unknown>;
        expect(record.trace_id).toMatch(/^[0-9a-f]{32}$/);
        expect(record.span_id).toMatch(/^[0-9a-f]{16}$/);
      }
    },
  ],
  [
    'A12',
    'spans for steps of the work, not for functions',
    ({ handbook, tool, memory }) => {
      const steps =
        /^(handle_message|classify_intent|execute_tool.*|retrieve_context|generate_response|retrieve_documents|generate_embedding|vector_search|rerank|chat .+|embeddings .+|(search|update|create|upsert)_memory.*|invoke_agent.*)$/;
      for (const spans of [handbook, tool, memory]) {
        const inner = spans.filter(
          ({ kind, attributes }) => kind === 'internal' || text(attributes, 'gen_ai.operation.name'),
        );
        for (const { name } of inner) expect(name).toMatch(steps);
        expect(spans.length).toBeLessThan(80);
      }
    },
  ],
  [
    'A13',
    'six services',
    async ({ api }) => {
      const body = JSON.parse(await api.text('/api/v1/services')) as ServicesResponse;
      expect(body.services).toEqual(expect.arrayContaining([...services]));
    },
  ],
];

describe('the system as the article describes it', () => {
  it.each(rows)('%s: %s', (_id, _what, holds) => holds(evidence));
});

it('shows what an overloaded service says about the spans that it had to drop', async () => {
  const { api, probe } = evidence;
  const report = await waitFor('the self-report', async () => {
    const answer = JSON.parse(await api.text('/api/v1/logs?service=sdk-probe&severity=warn'));
    return (answer as LogsResponse).logs.find(({ body }) => JSON.stringify(body).includes('incomplete'));
  });
  expect(JSON.stringify(report.body)).toContain(`${probe.overload.dropped} spans lost (queue_full)`);
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    readonly selector?: unknown;
    readonly ports?: readonly unknown[];
    readonly template?: {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: {
        readonly containers: readonly {
          readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
          readonly env: readonly { readonly name: string; readonly value: string }[];
        }[];
      };
    };
  };
}

/** While the services still start: the probe takes as long as they do. */
async function waitForBackend(ports: Ports): Promise<void> {
  await waitFor('the backend', () => isReady(ports), { timeoutMillis: 60_000 });
}

async function runProbe(otlpGrpc: string): Promise<ProbeResult> {
  const probe = runNode(['tests/integration/fixtures/sdk-probe.ts', otlpGrpc]);
  await expect(probe.ended).resolves.toBe(0);
  const line = probe
    .output()
    .split('\n')
    .find((text) => text.startsWith('{'));
  return JSON.parse(line ?? 'null') as ProbeResult;
}

function isServer({ kind }: SpanDto): boolean {
  return kind === 'server';
}

/** The one span of that name. */
function named(spans: readonly SpanDto[], name: string): SpanDto {
  const found = spans.filter((span) => span.name === name);
  expect(found.map((span) => span.name)).toEqual([name]);
  return found[0]!;
}

function childrenOf(spans: readonly SpanDto[], parent: SpanDto): readonly SpanDto[] {
  return spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);
}

function descendantsOf(spans: readonly SpanDto[], parent: SpanDto): readonly SpanDto[] {
  return childrenOf(spans, parent).flatMap((child) => [child, ...descendantsOf(spans, child)]);
}

/** Services whose spans are parents of a service's server spans; undefined: no parent. */
function callersOf(spans: readonly SpanDto[], service: string): readonly (string | undefined)[] {
  const serviceOf = new Map(spans.map((span) => [span.spanId, span.service]));
  const servers = spans.filter((span) => isServer(span) && span.service === service);
  return [...new Set(servers.map(({ parentSpanId }) => parentSpanId && serviceOf.get(parentSpanId)))];
}
