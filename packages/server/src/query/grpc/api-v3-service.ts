import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  conditionsOfApiV3Query,
  dependenciesQueryOf,
  jaegerSpanKind,
  parseJaegerTraceId,
  type TraceQueryMessage,
  toApiV3TraceSummary,
} from '@spanwise/jaeger';
import type { SpanKind } from '@spanwise/model';
import { encodeTraceRequest } from '@spanwise/otlp';
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

interface Search {
  readonly query?: TraceQueryMessage;
}

/**
 * `jaeger.api_v3.QueryService`. A trace comes in as many messages as it needs, one after the other; times in
 * `GetTrace` are hints that we need not follow, `raw_traces` changes nothing.
 * (jaegertracing/jaeger, jaegerquery/internal/apiv3/grpc_handler.go, commit 8498073f.)
 */
export function apiV3Service(
  definition: ServiceDefinition,
  { reader, tenant }: Pick<QueryContext, 'reader' | 'tenant'>,
  answers: Answers,
): UntypedServiceImplementation {
  const bytesMax = limits.queryGrpcMessageBytes.value;
  const encodeSummaries = methodOf(definition, 'FindTraceSummaries').responseSerialize;

  async function* getTrace({ traceId = '' }: { readonly traceId?: string }) {
    const id = parseJaegerTraceId(traceId);
    if (id === undefined) throw invalidParameter('trace_id', `not a trace id: ${JSON.stringify(traceId)}`);
    const trace = await ask(reader, (asked) => asked.trace(tenant, id));
    if (trace === undefined) throw new QueryError(404, 'trace_not_found', 'trace not found');
    yield* messagesBelow(bytesMax, trace.spans, encodeTraceRequest);
  }

  async function* findTraces({ query }: Search) {
    const search = traceQueryOf(parsedValue(conditionsOfApiV3Query(query)));
    const ids = await ask(reader, (asked) => asked.findTraceIds(tenant, search));
    for await (const { spans } of tracesInOrder(reader, tenant, ids)) {
      yield* messagesBelow(bytesMax, spans, encodeTraceRequest);
    }
  }

  async function* findTraceSummaries({ query }: Search) {
    const search = traceQueryOf(parsedValue(conditionsOfApiV3Query(query)));
    const summaries = (await ask(reader, (asked) => asked.findTraces(tenant, search))).map(
      toApiV3TraceSummary,
    );
    yield* messagesBelow(bytesMax, summaries, (part) => encodeSummaries({ summaries: part }));
  }

  return {
    GetTrace: answers.stream(getTrace),
    FindTraces: answers.stream(findTraces),
    FindTraceSummaries: answers.stream(findTraceSummaries),
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
          operations: operations.map(({ name, kind }) => ({
            name,
            spanKind: jaegerSpanKind(kind as SpanKind),
          })),
        };
      },
    ),
    GetDependencies: answers.unary(async (request: Parameters<typeof dependenciesQueryOf>[0]) => ({
      dependencies: await readJaegerDependencies(
        { reader, tenant },
        parsedValue(dependenciesQueryOf(request)),
      ),
    })),
  };
}
