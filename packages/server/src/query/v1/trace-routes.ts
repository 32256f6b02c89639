import {
  agentGraph,
  analyseTrace,
  buildTree,
  compareTraces,
  correctClockSkew,
  findErrorCause,
  findQueueTimes,
  findRetries,
  flameGraph,
  serviceGraph,
} from '@spanwise/analysis';
import type {
  LogsResponse,
  SpansResponse,
  TraceAnalysisDto,
  TraceComparisonDto,
  TraceFlameDto,
  TraceGraphDto,
} from '@spanwise/api';
import type { TraceReader } from '@spanwise/store';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ask } from '../ask.ts';
import type { QueryContext } from '../query-context.ts';
import { traceNotFound } from '../query-error.ts';
import { queryOf } from '../query-string.ts';
import { exportTrace } from './export-trace.ts';
import {
  compareParameters,
  exportParameters,
  logsParameters,
  noParameters,
  parseParameters,
  parseTraceIdParameter,
  spansParameters,
} from './parameters.ts';
import { readStableTrace, type StableTrace } from './read-stable-trace.ts';
import { toAnalysisDto, toLogRecordDto, toSkeletonDto, toSpanDto } from './to-dto.ts';
import { usualOf } from './usual-of.ts';

interface OfTrace {
  readonly Params: { readonly traceId: string };
}

/** Retries, queue times and clock corrections of one answer: the largest are what people look for. */
const findingsMax = 20;

/** What `/api/v1` tells of single traces. */
export function traceRoutes(app: FastifyInstance, { reader, tenant }: QueryContext): void {
  /** A view of a whole trace; 304 while the trace is as the asker knows it. */
  const view = <Answer>(
    path: string,
    build: (trace: StableTrace, asked: TraceReader) => Answer | Promise<Answer>,
  ) => {
    app.get<OfTrace>(path, async (request, reply): Promise<Answer | FastifyReply> => {
      parseParameters(noParameters, queryOf(request));
      const id = parseTraceIdParameter(request.params.traceId);
      const known = request.headers['if-none-match'];
      const version = known && (await ask(reader, (asked) => asked.traceVersion(tenant, id)));
      if (known && version && isAmong(known, version)) return tag(reply, version).code(304).send();
      return ask(reader, async (asked) => {
        const trace = await readStableTrace(asked, tenant, id);
        tag(reply, trace.version);
        return build(trace, asked);
      });
    });
  };

  view('/api/v1/traces/:traceId', ({ columns, version }) => toSkeletonDto(columns, version));

  view('/api/v1/traces/:traceId/analysis', async ({ columns, version }, asked): Promise<TraceAnalysisDto> => {
    const logs = await asked.logCounts(tenant, columns.traceId);
    const tree = buildTree(columns);
    const errorCause = findErrorCause(columns, tree);
    const analysis = analyseTrace(columns, tree);
    const { bottleneck } = analysis;
    const usual = bottleneck && (await usualOf(asked, tenant, columns, bottleneck));
    return {
      ...toAnalysisDto(analysis, version),
      ...(bottleneck === undefined || usual === undefined ? {} : { bottleneck: { ...bottleneck, usual } }),
      logCount: logs.total,
      errorLogCount: logs.errors,
      ...(errorCause === undefined ? {} : { errorCause }),
      retries: findRetries(columns, tree).slice(0, findingsMax),
      queueTimes: findQueueTimes(columns, tree).slice(0, findingsMax),
      clockCorrections: correctClockSkew(columns, tree).corrections.slice(0, findingsMax),
    };
  });

  view('/api/v1/traces/:traceId/graph', ({ columns, version }): TraceGraphDto => {
    const tree = buildTree(columns);
    return { version, ...serviceGraph(columns, tree), agents: agentGraph(columns, tree) };
  });

  view(
    '/api/v1/traces/:traceId/flame',
    ({ columns, version }): TraceFlameDto => ({ version, nodes: flameGraph(columns) }),
  );

  app.get<OfTrace>('/api/v1/traces/:traceId/export', async (request, reply) => {
    const { format } = parseParameters(exportParameters, queryOf(request));
    const id = parseTraceIdParameter(request.params.traceId);
    const trace = await ask(reader, (asked) => asked.trace(tenant, id));
    if (trace === undefined) throw traceNotFound();
    const { contentType, ending, body } = exportTrace(trace, format);
    reply.header('content-disposition', `attachment; filename="trace-${id}.${ending}"`);
    return reply.type(contentType).send(body);
  });

  app.get('/api/v1/compare', async (request): Promise<TraceComparisonDto> => {
    const { before, after } = parseParameters(compareParameters, queryOf(request));
    return ask(reader, async (asked) => {
      const first = await readStableTrace(asked, tenant, before);
      const second = await readStableTrace(asked, tenant, after);
      const { rowsBefore, rowsAfter, depth, ...rest } = compareTraces(first.columns, second.columns);
      return {
        versionBefore: first.version,
        versionAfter: second.version,
        rowsBefore: Array.from(rowsBefore),
        rowsAfter: Array.from(rowsAfter),
        depth: Array.from(depth),
        ...rest,
      };
    });
  });

  app.get<OfTrace>('/api/v1/traces/:traceId/spans', async (request): Promise<SpansResponse> => {
    const { ids } = parseParameters(spansParameters, queryOf(request));
    const id = parseTraceIdParameter(request.params.traceId);
    return { spans: (await ask(reader, (asked) => asked.spans(tenant, id, ids))).map(toSpanDto) };
  });

  app.get<OfTrace>('/api/v1/traces/:traceId/logs', async (request): Promise<LogsResponse> => {
    const { limit } = parseParameters(logsParameters, queryOf(request));
    const id = parseTraceIdParameter(request.params.traceId);
    return { logs: (await ask(reader, (asked) => asked.logsOfTrace(tenant, id, limit))).map(toLogRecordDto) };
  });
}

/** (RFC 9110, 13.1.2: weak comparison.) */
function isAmong(known: string, version: string): boolean {
  return known.split(',').some((one) => one.trim().replace(/^W\//, '') === `"${version}"`);
}

/** The browser asks each time, and gets 304 while nothing was added. */
function tag(reply: FastifyReply, version: string): FastifyReply {
  return reply.header('etag', `"${version}"`).header('cache-control', 'private, no-cache');
}
