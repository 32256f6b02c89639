import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  conditionsOfApiV2Query,
  dependenciesQueryOf,
  jaegerSpanKind,
  type TraceQueryMessage,
  toApiV2Spans,
  traceIdOfBytes,
} from '@spanwise/jaeger';
import type { Span, SpanKind, TraceId } from '@spanwise/model';
import { limits } from '../../limits.ts';
import { ask } from '../ask.ts';
import { readJaegerDependencies } from '../jaeger-dependencies.ts';
import { kindOf } from '../kind-of.ts';
import type { QueryContext } from '../query-context.ts';
import { invalidParameter, parsedValue, QueryError } from '../query-error.ts';
import { traceQueryOf } from '../trace-query.ts';
import type { Answers } from './answers.ts';
import { methodOf } from './definitions.ts';
import { messagesBelow } from './messages-below.ts';
import { tracesInOrder } from './traces-in-order.ts';

/**
 * `jaeger.api_v2.QueryService`: the same answers in Jaeger's own model.
 * (jaegertracing/jaeger, jaegerquery/internal/grpc_handler.go, commit 8498073f.)
 */
export function apiV2Service(
  definition: ServiceDefinition,
  { reader, tenant, archiveTrace }: Pick<QueryContext, 'reader' | 'tenant' | 'archiveTrace'>,
  answers: Answers,
): UntypedServiceImplementation {
  const encodeChunk = methodOf(definition, 'GetTrace').responseSerialize;
  const chunks = (spans: readonly Span[]) =>
    messagesBelow(limits.queryGrpcMessageBytes.value, spans, (part) =>
      encodeChunk({ spans: toApiV2Spans(part) }),
    );

  async function* getTrace({ traceId }: { readonly traceId?: Uint8Array }) {
    const trace = await ask(reader, (asked) => asked.trace(tenant, traceIdOf(traceId)));
    if (trace === undefined) throw new QueryError(404, 'trace_not_found', 'trace not found');
    yield* chunks(trace.spans);
  }

  async function* findTraces({ query }: { readonly query?: TraceQueryMessage }) {
    const search = traceQueryOf(parsedValue(conditionsOfApiV2Query(query)));
    const ids = await ask(reader, (asked) => asked.findTraceIds(tenant, search));
    for await (const { spans } of tracesInOrder(reader, tenant, ids)) yield* chunks(spans);
  }

  return {
    GetTrace: answers.stream(getTrace),
    FindTraces: answers.stream(findTraces),
    GetServices: answers.unary(async () => ({
      services: (await ask(reader, (asked) => asked.services(tenant))).toSorted(),
    })),
    GetOperations: answers.unary(
      async ({ service, spanKind }: { readonly service?: string; readonly spanKind?: string }) => {
        if (!service) throw invalidParameter('service', 'required');
        const operations = await ask(reader, (asked) =>
          asked.operations(tenant, service, kindOf('span_kind', spanKind)),
        );
        return {
          operationNames: [...new Set(operations.map(({ name }) => name))],
          operations: operations.map(({ name, kind }) => ({
            name,
            spanKind: jaegerSpanKind(kind as SpanKind),
          })),
        };
      },
    ),
    ArchiveTrace: answers.unary(async ({ traceId }: { readonly traceId?: Uint8Array }) => {
      if (!(await archiveTrace(traceIdOf(traceId)))) {
        throw new QueryError(404, 'trace_not_found', 'trace not found');
      }
      return {};
    }),
    GetDependencies: answers.unary(async (request: Parameters<typeof dependenciesQueryOf>[0]) => ({
      dependencies: await readJaegerDependencies(
        { reader, tenant },
        parsedValue(dependenciesQueryOf(request)),
      ),
    })),
  };
}

function traceIdOf(bytes: Uint8Array = new Uint8Array()): TraceId {
  const id = traceIdOfBytes(bytes);
  if (id === undefined) throw invalidParameter('trace_id', 'expected 16 or 8 bytes, not all of them zero');
  return id;
}
