import {
  type AttributeValue,
  nanosPerMilli,
  type Span,
  type SpanId,
  type SpanKind,
  type StatusCode,
  spanId,
  type Trace,
  unixNano,
} from '@spanwise/model';
import fc from 'fast-check';
import { drawnScope, drawnStart, drawnTraceId, resourceOf } from './draw-trace.ts';

const services = ['gateway', 'manager', 'retrieval', 'tools', 'llm-proxy'].map(resourceOf);
const names = ['POST /chat', 'handle_message', 'rerank', 'chat gpt-4o', 'a|b', '  odd  blanks ', 'SELECT'];

interface SpanPlan {
  readonly service: number;
  readonly name: number;
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly kind: number;
  readonly status: number;
  readonly parent: number | 'root' | 'missing';
  /** Takes the id of the span at this place, when there is one. */
  readonly sameIdAs: number | undefined;
  readonly agent: Agent;
}

interface Agent {
  readonly operation: string | undefined;
  readonly model: string | undefined;
  readonly inputTokens: bigint | undefined;
  readonly outputTokens: bigint | undefined;
}

const agentArbitrary: fc.Arbitrary<Agent> = fc.record({
  operation: fc.constantFrom(undefined, 'chat', 'embeddings', 'execute_tool', 'invoke_agent'),
  model: fc.constantFrom(undefined, 'gpt-4o', 'spanwise-offline-1'),
  inputTokens: fc.option(fc.bigInt(0n, 5_000n), { nil: undefined }),
  outputTokens: fc.option(fc.bigInt(0n, 500n), { nil: undefined }),
});

const notAnAgent: Agent = {
  operation: undefined,
  model: undefined,
  inputTokens: undefined,
  outputTokens: undefined,
};

function planArbitrary(
  parents: fc.Arbitrary<SpanPlan['parent']>,
  idsRepeat: boolean,
): fc.Arbitrary<SpanPlan> {
  return fc.record({
    service: fc.nat(services.length - 1),
    name: fc.nat(names.length - 1),
    startMillis: fc.nat(120),
    durationMillis: fc.nat(80),
    kind: fc.nat(5),
    status: fc.nat(2),
    parent: parents,
    sameIdAs: idsRepeat ? fc.option(fc.nat(29), { nil: undefined, freq: 8 }) : fc.constant(undefined),
    agent: fc.oneof(
      { weight: 3, arbitrary: fc.constant(notAnAgent) },
      { weight: 1, arbitrary: agentArbitrary },
    ),
  });
}

/**
 * Whatever senders send: up to 30 spans, some of them orphans, several roots or none, repeated ids, cycles of
 * parents, children outside their parent's time. Times are whole milliseconds, except instants of 1 ns.
 */
export const traceArbitrary: fc.Arbitrary<Trace> = fc
  .array(
    planArbitrary(
      fc.oneof(
        { weight: 8, arbitrary: fc.nat(29) },
        { weight: 1, arbitrary: fc.constant('root' as const) },
        { weight: 1, arbitrary: fc.constant('missing' as const) },
      ),
      true,
    ),
    { minLength: 1, maxLength: 30 },
  )
  .map(toTrace);

/** One root, each parent present, each id once: the shape of a complete trace. Times are still anyhow. */
export const rootedTraceArbitrary: fc.Arbitrary<Trace> = fc
  .array(planArbitrary(fc.nat(29), false), { minLength: 1, maxLength: 30 })
  .map((plans) =>
    toTrace(
      plans.map((plan, index) => ({ ...plan, parent: index === 0 ? 'root' : Number(plan.parent) % index })),
    ),
  );

const missing = spanId('eeeeeeeeeeeeeeee');

function toTrace(plans: readonly SpanPlan[]): Trace {
  const ids = plans.map((plan, index) =>
    idOf(plan.sameIdAs !== undefined && plan.sameIdAs < index ? plan.sameIdAs : index),
  );
  const parentIdOf = (plan: SpanPlan): SpanId | undefined => {
    if (plan.parent === 'root') return undefined;
    return plan.parent === 'missing' ? missing : (ids[plan.parent] ?? missing);
  };
  return {
    traceId: drawnTraceId,
    spans: plans.map((plan, index) => toSpan(plan, ids[index]!, parentIdOf(plan))),
  };
}

function idOf(index: number): SpanId {
  return spanId((0xa0 + index).toString(16).padStart(16, '0'));
}

function toSpan(plan: SpanPlan, id: SpanId, parentSpanId: SpanId | undefined): Span {
  const { operation, model, inputTokens, outputTokens } = plan.agent;
  const attributes: readonly (readonly [string, AttributeValue])[] = [
    ['gen_ai.operation.name', operation],
    ['gen_ai.request.model', model],
    ['gen_ai.usage.input_tokens', inputTokens],
    ['gen_ai.usage.output_tokens', outputTokens],
  ];
  return {
    traceId: drawnTraceId,
    spanId: id,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    traceState: '',
    flags: 0,
    name: names[plan.name]!, // the plan's range is the list's
    kind: plan.kind as SpanKind,
    startTimeUnixNano: unixNano(drawnStart + BigInt(plan.startMillis * nanosPerMilli)),
    durationNanos: Math.max(1, plan.durationMillis * nanosPerMilli),
    statusCode: plan.status as StatusCode,
    statusMessage: '',
    resource: services[plan.service]!,
    scope: drawnScope,
    attributes: new Map(attributes.filter(([, value]) => value !== undefined)),
    events: [],
    links: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    warnings: [],
  };
}
