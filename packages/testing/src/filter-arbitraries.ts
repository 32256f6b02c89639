import {
  type AttributeField,
  attributeLevels,
  type Comparison,
  type Field,
  type Filter,
  type FilterSpan,
  type IntrinsicName,
  intrinsicKind,
  intrinsics,
  type Value,
} from '@spanwise/filter';
import {
  type Attributes,
  type AttributeValue,
  type SpanId,
  type SpanKind,
  type StatusCode,
  spanId,
  traceId,
  unixNano,
} from '@spanwise/model';
import fc from 'fast-check';
import { drawnStart } from './draw-trace.ts';

/*
 * Filters and spans that speak of the same few keys and values, so that many conditions hold. Some are there to
 * break out of quotes, of tokens, of numbers.
 */
const keys = ['a', 'b.c', 'odd key', `it's "quoted" \\`, 'k=v', "') OR 1=1 --"] as const;
const texts = [
  'x',
  'y',
  '3',
  'true',
  '-0',
  '2.5',
  '1e21',
  'NaN',
  'v=w',
  `O'Reilly \\ "`,
  'ü{a:String}',
  '\n',
];
const numbers = [3n, 0n, -1n, 9_007_199_254_740_993n, 2.5, 3, -0, 1e21, 1e-7, 0.1] as const;
const patterns = ['x.*', '[a-z]', 'x|y', '\\d+', '.*', "O'.*", '(?i:X)', '.'];
const services = ['gateway', 'llm-proxy', "o'brien"];
const names = ['POST /chat', 'chat gpt-4o', 'x'];
const durations = [1, 5_000_000, 1_000_000_000];
const words: Readonly<Partial<Record<IntrinsicName, readonly string[]>>> = {
  service: services,
  root_service: services,
  name: names,
  root_name: names,
};

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(...texts).map((value): Value => ({ type: 'string', value })),
  fc.constantFrom(...numbers).map((value): Value => ({ type: 'number', value })),
  fc.boolean().map((value): Value => ({ type: 'boolean', value })),
);

const attributeField: fc.Arbitrary<AttributeField> = fc
  .record({
    level: fc.option(fc.constantFrom(...attributeLevels), { nil: undefined }),
    key: fc.constantFrom(...keys),
  })
  .map(({ level, key }) => ({ type: 'attribute', ...(level === undefined ? {} : { level }), key }));

const intrinsicField: fc.Arbitrary<Field> = fc
  .constantFrom(...(Object.keys(intrinsics) as IntrinsicName[]))
  .map((name) => ({ type: 'intrinsic', name }));

const field: fc.Arbitrary<Field> = fc.oneof(attributeField, intrinsicField);

function valueFor(of: Field): fc.Arbitrary<Value> {
  if (of.type === 'attribute') return scalar;
  const kind = intrinsicKind(of.name);
  switch (kind.type) {
    case 'text':
      return fc.constantFrom(...(words[of.name] ?? texts)).map((value) => ({ type: 'string', value }));
    case 'choice':
      return fc.constantFrom(...kind.words!).map((value) => ({ type: 'string', value })); // a choice has words
    case 'duration':
      return fc.constantFrom(...durations).map((nanos) => ({ type: 'duration', nanos }));
    case 'number':
      return fc.constantFrom(0n, 1n, 2n, 3n, 0.5, 120n).map((value) => ({ type: 'number', value }));
    case 'boolean':
      return fc.boolean().map((value) => ({ type: 'boolean', value }));
  }
}

const comparison: fc.Arbitrary<Filter> = field.chain((of) =>
  valueFor(of).chain((value) => {
    const hasOrder = value.type === 'number' || value.type === 'duration';
    const operators: readonly Comparison['operator'][] = hasOrder
      ? ['=', '!=', '<', '<=', '>', '>=']
      : ['=', '!='];
    return fc
      .constantFrom(...operators)
      .map((operator): Filter => ({ type: 'comparison', field: of, operator, value }));
  }),
);

const match: fc.Arbitrary<Filter> = fc.record({
  type: fc.constant('match' as const),
  field: fc.oneof(
    attributeField,
    intrinsicField.filter((of) => of.type === 'intrinsic' && intrinsicKind(of.name).type === 'text'),
  ),
  operator: fc.constantFrom('=~' as const, '!~' as const),
  pattern: fc.constantFrom(...patterns),
});

const condition: fc.Arbitrary<Filter> = fc.oneof(
  { weight: 6, arbitrary: comparison },
  { weight: 2, arbitrary: match },
  {
    weight: 1,
    arbitrary: field.chain((of) =>
      fc
        .array(valueFor(of), { minLength: 1, maxLength: 3 })
        .map((values): Filter => ({ type: 'membership', field: of, values })),
    ),
  },
  { weight: 1, arbitrary: field.map((of): Filter => ({ type: 'exists', field: of })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const).map(
      (operator): Filter => ({
        type: 'history',
        operator,
        percentile: { percent: 50, lookbackNanos: 86_400e9 },
      }),
    ),
  },
);

/** Trees as `parseFilter` makes them, of at most two structure conditions. */
export const filterArbitrary: fc.Arbitrary<Filter> = fc
  .letrec<{ tree: Filter }>((tie) => {
    const parts = fc.array(tie('tree'), { minLength: 2, maxLength: 3 });
    return {
      tree: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        { weight: 5, arbitrary: condition },
        { weight: 1, arbitrary: parts.map((all): Filter => ({ type: 'all', parts: all })) },
        { weight: 1, arbitrary: parts.map((any): Filter => ({ type: 'any', parts: any })) },
        { weight: 1, arbitrary: tie('tree').map((part): Filter => ({ type: 'not', part })) },
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom('>>' as const, '>' as const, '~' as const), tie('tree'), tie('tree'))
            .map(([operator, left, right]): Filter => ({ type: 'structure', operator, left, right })),
        },
        { weight: 1, arbitrary: fc.constant<Filter>({ type: 'all', parts: [] }) },
      ),
    };
  })
  .tree.filter((filter) => countStructures(filter) <= 2);

function countStructures(filter: Filter): number {
  switch (filter.type) {
    case 'all':
    case 'any':
      return filter.parts.reduce((sum, part) => sum + countStructures(part), 0);
    case 'not':
      return countStructures(filter.part);
    case 'structure':
      return 1 + countStructures(filter.left) + countStructures(filter.right);
    default:
      return 0;
  }
}

const attributeValue: fc.Arbitrary<AttributeValue> = fc.constantFrom<AttributeValue>(
  ...texts,
  ...numbers,
  true,
  false,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  new Uint8Array([1, 2]),
  ['x', 3n],
  new Map([['x', 'y']]),
  undefined,
);

const attributes: fc.Arbitrary<Attributes> = fc
  .array(fc.tuple(fc.constantFrom(...keys), attributeValue), { maxLength: 3 })
  .map((entries) => new Map(entries));

const unknownOr = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 1 });

/** Without ids and times, which come from where it stands. */
const spanPlan = fc.record({
  parent: fc.oneof(
    { weight: 6, arbitrary: fc.nat(8) },
    { weight: 2, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constant('missing' as const) },
  ),
  sharesId: fc.nat(12),
  /** Half of all within a day, so that windows of search have many and none. */
  startMillis: fc.oneof(fc.nat(80_000_000), fc.nat(10 * 86_400_000)),
  service: fc.constantFrom(...services),
  name: fc.constantFrom(...names),
  kind: fc.nat(5),
  status: fc.nat(2),
  statusMessage: fc.constantFrom('', 'x'),
  duration: fc.constantFrom(...durations, 2, 7_000_000),
  attributes,
  resource: attributes,
  scope: attributes,
  scopeName: fc.constantFrom('', 'x'),
  events: fc.array(fc.tuple(fc.constantFrom('x', '3', ''), attributes), { maxLength: 2 }),
  links: fc.array(attributes, { maxLength: 2 }),
  agent: fc.record({
    operation: unknownOr(fc.constantFrom('x', 'chat')),
    provider: unknownOr(fc.constantFrom('x', 'y')),
    requestModel: unknownOr(fc.constantFrom('x', 'y')),
    responseModel: unknownOr(fc.constantFrom('x', '3')),
    agent: unknownOr(fc.constantFrom('x', 'y')),
    tool: unknownOr(fc.constantFrom('x', 'true')),
    conversation: unknownOr(fc.constantFrom('x', '3')),
    inputTokens: unknownOr(fc.constantFrom(0, 2, 120)),
    outputTokens: unknownOr(fc.constantFrom(0, 1)),
    cost: unknownOr(fc.constantFrom(0, 0.5, 2)),
  }),
});

/**
 * Some traces over ten days, of up to nine spans each. Parents may be missing, run in circles, or be several spans
 * of one id. No two spans begin at the same time.
 */
export const filterTracesArbitrary: fc.Arbitrary<readonly (readonly FilterSpan[])[]> = fc
  .array(fc.array(spanPlan, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 6 })
  .map((traces) =>
    traces.map((plans, trace) =>
      plans.map((plan, index): FilterSpan => {
        const {
          parent,
          sharesId,
          startMillis,
          service,
          name,
          kind,
          status,
          statusMessage,
          duration,
          scopeName,
          agent,
          ...levels
        } = plan;
        const known = Object.fromEntries(Object.entries(agent).filter(([, value]) => value !== undefined));
        const parentSpanId = parent === 'missing' ? idOf(99) : idOf(parent === 'none' ? 0 : parent);
        return {
          ...known,
          span: {
            traceId: traceId((trace + 1).toString(16).padStart(32, '0')),
            spanId: idOf(Math.min(sharesId, index)),
            ...(parent === 'none' ? {} : { parentSpanId }),
            traceState: '',
            flags: 0,
            name,
            kind: kind as SpanKind,
            startTimeUnixNano: unixNano(
              drawnStart + BigInt(startMillis) * 1_000_000n + BigInt(trace * 100 + index),
            ),
            durationNanos: duration,
            statusCode: status as StatusCode,
            statusMessage,
            resource: {
              serviceName: service,
              attributes: levels.resource,
              schemaUrl: '',
              droppedAttributesCount: 0,
            },
            scope: {
              name: scopeName,
              version: '',
              attributes: levels.scope,
              schemaUrl: '',
              droppedAttributesCount: 0,
            },
            attributes: levels.attributes,
            events: levels.events.map(([eventName, more]) => ({
              timeUnixNano: drawnStart,
              name: eventName,
              attributes: more,
              droppedAttributesCount: 0,
            })),
            links: levels.links.map((more) => ({
              traceId: traceId('f'.repeat(32)),
              spanId: idOf(0),
              traceState: '',
              flags: 0,
              attributes: more,
              droppedAttributesCount: 0,
            })),
            droppedAttributesCount: 0,
            droppedEventsCount: 0,
            droppedLinksCount: 0,
            warnings: [],
          },
        };
      }),
    ),
  );

function idOf(index: number): SpanId {
  return spanId((0xa0 + index).toString(16).padStart(16, '0'));
}
