import type { Attributes, InstrumentationScope, Resource, Span, SpanEvent } from '@spanwise/model';
import {
  noAttributes,
  type SpanKind,
  spanId,
  spanKinds,
  statusCodes,
  traceId,
  unixNanoFromMillis,
} from '@spanwise/model';

/**
 * One agent reply: 12 spans over 6 services, some 370 bytes a span in OTLP protobuf, as the demo's services
 * make them. Ids count up from `seed`; spans come grouped by service, as exporters send them.
 */
export function agentWorkload(traces: number, seed: number, startMillis: number): readonly Span[] {
  const spans: Span[] = [];
  for (const service of services) {
    for (let trace = 0; trace < traces; trace += 1) {
      for (const step of service.steps) spans.push(spanOf(service, step, seed + trace, startMillis));
    }
  }
  return spans;
}

interface Step {
  readonly number: number;
  readonly parent: number;
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
}

interface Service {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly steps: readonly Step[];
}

const http = (method: string, route: string, port: bigint): Attributes =>
  new Map<string, string | bigint>([
    ['http.request.method', method],
    ['url.full', `http://10.0.12.7:${port}${route}`],
    ['http.route', route],
    ['http.response.status_code', 200n],
    ['server.address', '10.0.12.7'],
    ['server.port', port],
    ['network.protocol.version', '1.1'],
    ['user_agent.original', 'node'],
  ]);

const agent = (operation: string, more: Record<string, string | bigint | number | boolean>): Attributes =>
  new Map<string, string | bigint | number | boolean>([
    ['gen_ai.operation.name', operation],
    ['gen_ai.conversation.id', 'c0a80101-7f3a-4a51-9f0b-2f1be2f8a001'],
    ...Object.entries(more),
  ]);

const services: readonly Service[] = [
  service('api-gateway', [[1, 0, 'POST /chat', spanKinds.server, http('POST', '/chat', 8080n)]]),
  service('conversation-manager', [
    [2, 1, 'POST /messages', spanKinds.server, http('POST', '/messages', 8081n)],
    [
      3,
      2,
      'handle_message',
      spanKinds.internal,
      agent('invoke_agent', {
        'gen_ai.agent.name': 'support',
        'session.id': 's-18',
        'gen_ai.provider.name': 'openai',
      }),
    ],
    [
      4,
      3,
      'classify_intent',
      spanKinds.internal,
      agent('plan', { intent: 'order_status', 'gen_ai.agent.name': 'support', confidence: 0.83 }),
    ],
    [
      5,
      3,
      'execute_tool',
      spanKinds.internal,
      agent('execute_tool', {
        'tool.name': 'order_lookup',
        'tool.success': true,
        'gen_ai.tool.name': 'order_lookup',
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.id': 'call_18f3',
      }),
    ],
    [
      6,
      3,
      'chat gpt-4.1',
      spanKinds.client,
      agent('chat', {
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4.1',
        'gen_ai.response.model': 'gpt-4.1-2025-04-14',
        'gen_ai.usage.input_tokens': 1_843n,
        'gen_ai.usage.output_tokens': 212n,
        'gen_ai.response.id': 'chatcmpl-9f8e7d',
        'server.address': '10.0.12.9',
        'server.port': 8085n,
      }),
    ],
  ]),
  service('rag-retrieval', [
    [
      7,
      3,
      'retrieve_documents',
      spanKinds.internal,
      agent('retrieval', {
        'query.length': 48n,
        top_k: 5n,
        'results.count': 5n,
        'gen_ai.data_source.id': 'handbook',
      }),
    ],
    [
      8,
      7,
      'embeddings text-embedding-3',
      spanKinds.client,
      agent('embeddings', {
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'text-embedding-3-small',
        'gen_ai.usage.input_tokens': 12n,
      }),
    ],
    [
      9,
      7,
      'SELECT chunks',
      spanKinds.client,
      new Map<string, string | bigint>([
        ['db.system.name', 'postgresql'],
        ['db.query.text', 'SELECT id, body FROM chunks ORDER BY vector <=> $1 LIMIT $2'],
        ['db.namespace', 'rag'],
        ['server.address', 'db'],
        ['server.port', 5432n],
      ]),
    ],
  ]),
  service('tool-execution', [[10, 5, 'POST /tools', spanKinds.server, http('POST', '/tools', 8083n)]]),
  service('memory-store', [
    [11, 3, 'GET /sessions/:id', spanKinds.server, http('GET', '/sessions/:id', 8084n)],
  ]),
  service('llm-proxy', [
    [12, 6, 'POST /v1/chat/completions', spanKinds.server, http('POST', '/v1/chat/completions', 8085n)],
  ]),
];

function service(name: string, steps: readonly [number, number, string, SpanKind, Attributes][]): Service {
  return {
    resource: {
      serviceName: name,
      attributes: new Map<string, string | bigint>([
        ['service.name', name],
        ['service.version', '1.4.2'],
        ['deployment.environment.name', 'production'],
        ['host.name', `${name}-7d9f8b6c5-x2x9z`],
        ['process.pid', 17n],
        ['telemetry.sdk.name', 'opentelemetry'],
        ['telemetry.sdk.language', 'nodejs'],
        ['telemetry.sdk.version', '3.1.1'],
      ]),
      schemaUrl: '',
      droppedAttributesCount: 0,
    },
    scope: {
      name: '@spanwise/instrumentation',
      version: '0.1.0',
      attributes: noAttributes,
      schemaUrl: '',
      droppedAttributesCount: 0,
    },
    steps: steps.map(([number, parent, spanName, kind, attributes]) => ({
      number,
      parent,
      name: spanName,
      kind,
      attributes,
    })),
  };
}

function spanOf(owner: Service, step: Step, trace: number, startMillis: number): Span {
  const idOf = (number: number) =>
    spanId((BigInt(trace) * 16n + BigInt(number)).toString(16).padStart(16, 'a'));
  const start = unixNanoFromMillis(startMillis + step.number * 7);
  const events: readonly SpanEvent[] =
    step.number === 6
      ? [
          {
            timeUnixNano: start,
            name: 'first_chunk',
            attributes: new Map([['index', 0n]]),
            droppedAttributesCount: 0,
          },
        ]
      : [];
  return {
    traceId: traceId(trace.toString(16).padStart(32, 'b')),
    spanId: idOf(step.number),
    ...(step.parent > 0 && { parentSpanId: idOf(step.parent) }),
    traceState: '',
    flags: 257,
    name: step.name,
    kind: step.kind,
    startTimeUnixNano: start,
    durationNanos: 5_000_000 + step.number * 1_000,
    statusCode: statusCodes.unset,
    statusMessage: '',
    resource: owner.resource,
    scope: owner.scope,
    attributes: step.attributes,
    events,
    links: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    warnings: [],
  };
}
