import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { TraceReader } from '../store.ts';
import { readKeys, readValues } from './catalogue.ts';
import { engineUntil } from './engine-until.ts';
import { readExemplars } from './exemplars.ts';
import { findLogs } from './find-logs.ts';
import { findTraceIds } from './find-trace-ids.ts';
import { readFlaws } from './flaws.ts';
import { readLogs, wholeLogRecord } from './logs.ts';
import { wholeLogRecords, wholeSpans } from './payload.ts';
import { searchSpans } from './search/search-spans.ts';
import { searchTraceIds, topTraceIds } from './search/search-traces.ts';
import { arrivals, countMatches, groupSpans, searchBounds, spanHeat, topValues } from './search/sum-up.ts';
import { readSeries } from './series.ts';
import { readAgentUses, readModelUsage, readServiceCalls } from './settled.ts';
import { readSpans, wholeSpan } from './spans.ts';
import { readSummaries } from './summaries.ts';
import { fewRowsOf, queryTenant, rowsOf, spanIdsFrom } from './tenant-query.ts';
import { readTraceColumns } from './trace-columns.ts';
import { eachSpanOnce, findTimes, logsOfTrace, spansOfTrace } from './trace-rows.ts';
import { groupTraces, readWholeTrace } from './whole-traces.ts';

export function createTraceReader(engine: Engine): TraceReader {
  return {
    async services(tenant) {
      const bytes = await queryTenant(
        engine,
        tenant,
        `SELECT service FROM ${rowsOf('services')}
          AND service IN (SELECT service FROM ${rowsOf('operations')})
          GROUP BY service ORDER BY min(first_seq), service`,
      );
      return readRows(bytes).map(([name]) => name as string);
    },

    async operations(tenant, service, kind) {
      const bytes = await queryTenant(
        engine,
        tenant,
        `SELECT DISTINCT name, kind FROM ${rowsOf('operations')} AND service = {service:String}
          ${kind === undefined ? '' : 'AND kind = {kind:UInt8}'} ORDER BY name, kind`,
        { service, ...(kind === undefined ? {} : { kind }) },
      );
      return readRows(bytes).map(([name, kindCode]) => ({ name: name as string, kind: kindCode as number }));
    },

    findTraceIds: (tenant, query) => findTraceIds(engine, tenant, query),

    async findTraces(tenant, query) {
      return readSummaries(engine, tenant, await findTraceIds(engine, tenant, query));
    },

    summaries: (tenant, traceIds) => readSummaries(engine, tenant, traceIds),

    trace: (tenant, id) => readWholeTrace(engine, tenant, id),
    traceGroups: (tenant, ids) => groupTraces(engine, tenant, ids),

    traceColumns: (tenant, id) => readTraceColumns(engine, tenant, id),

    async spans(tenant, id, spanIds) {
      if (spanIds.length > maxSpanIds) throw new RangeError(`at most ${maxSpanIds} span ids a call`);
      const times = spanIds.length === 0 ? undefined : await findTimes(engine, tenant, 'trace_times', [id]);
      if (times === undefined) return [];
      const these = `${spansOfTrace} AND span_id IN ${spanIdsFrom('spanIds')}`;
      const bytes = await queryTenant(
        engine,
        tenant,
        `SELECT ${wholeSpan} FROM ${fewRowsOf('spans')} AND ${these} ORDER BY start_time, span_id ${eachSpanOnce}`,
        { id, spanIds, ...times },
      );
      return wholeSpans(engine, tenant, readSpans(bytes), these, { id, spanIds, ...times });
    },

    async logsOfTrace(tenant, id, limit) {
      const times = await findTimes(engine, tenant, 'trace_log_times', [id]);
      if (times === undefined) return [];
      const bytes = await queryTenant(
        engine,
        tenant,
        `SELECT ${wholeLogRecord} FROM ${rowsOf('logs')} AND ${logsOfTrace}
          ORDER BY time, ingest_seq, row LIMIT {limit:UInt32}`,
        { id, limit, ...times },
      );
      return wholeLogRecords(engine, tenant, readLogs(bytes), logsOfTrace, { id, ...times });
    },

    findLogs: (tenant, query) => findLogs(engine, tenant, query),

    async logCounts(tenant, id) {
      const times = await findTimes(engine, tenant, 'trace_log_times', [id]);
      if (times === undefined) return { total: 0, errors: 0 };
      const bytes = await queryTenant(
        engine,
        tenant,
        // SeverityNumber 17 is ERROR, above it is FATAL. (logs.proto, SeverityNumber.)
        `SELECT count(), countIf(severity_number >= 17) FROM ${rowsOf('logs')} AND ${logsOfTrace}`,
        { id, ...times },
      );
      const [[total, errors] = []] = readRows(bytes);
      return { total: Number(total), errors: Number(errors) };
    },

    searchBounds: (tenant) => searchBounds(engine, tenant),
    arrivals: (tenant, afterSeq, upToSeq) => arrivals(engine, tenant, afterSeq, upToSeq),
    searchSpans: (tenant, search) => searchSpans(engine, tenant, search),
    searchTraceIds: (tenant, search) => searchTraceIds(engine, tenant, search),
    topTraceIds: (tenant, search) => topTraceIds(engine, tenant, search),
    countMatches: (tenant, search, of, limit) => countMatches(engine, tenant, search, of, limit),
    spanHeat: (tenant, search, stepNanos) => spanHeat(engine, tenant, search, stepNanos),
    groupSpans: (tenant, search, by, limit) => groupSpans(engine, tenant, search, by, limit),
    topValues: (tenant, search, field, limit) => topValues(engine, tenant, search, field, limit),

    series: (tenant, query) => readSeries(engine, tenant, query),
    serviceCalls: (tenant, range) => readServiceCalls(engine, tenant, range),
    agentUses: (tenant, range) => readAgentUses(engine, tenant, range),
    exemplars: (tenant, query) => readExemplars(engine, tenant, query),
    flaws: (tenant, range, limit) => readFlaws(engine, tenant, range, limit),
    modelUsage: (tenant, range) => readModelUsage(engine, tenant, range),
    attributeKeys: (tenant, query) => readKeys(engine, tenant, query),
    attributeValues: (tenant, key, query) => readValues(engine, tenant, key, query),

    async traceVersion(tenant, id) {
      const versionOf = async (table: 'spans' | 'logs') => {
        const [timesTable, oneTrace] =
          table === 'spans'
            ? (['trace_times', spansOfTrace] as const)
            : (['trace_log_times', logsOfTrace] as const);
        const times = await findTimes(engine, tenant, timesTable, [id]);
        if (times === undefined) return [0n, 0n] as const;
        const bytes = await queryTenant(
          engine,
          tenant,
          `SELECT count(), max(ingest_seq) FROM ${rowsOf(table)} AND ${oneTrace}`,
          { id, ...times },
        );
        return readRows(bytes)[0] as readonly [bigint, bigint];
      };
      const [[spanCount, spanSeq], [logCount, logSeq]] = await Promise.all([
        versionOf('spans'),
        versionOf('logs'),
      ]);
      if (spanCount === 0n && logCount === 0n) return undefined;
      return [spanCount, spanSeq, logCount, logSeq].map((part) => part.toString(36)).join('-');
    },

    until: (signal) => createTraceReader(engineUntil(engine, signal)),
  };
}

/** Bounds the statement's text; a screen shows some hundred spans. */
const maxSpanIds = 1_000;
