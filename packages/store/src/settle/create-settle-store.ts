import { open, rm } from 'node:fs/promises';
import { type SpanId, spanKinds, statusCodes, type TraceId } from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { queryTenant, rowsOf, spanIdsFrom, timeFrom, traceIdsFrom } from '../reader/tenant-query.ts';
import { readManyTraceColumns } from '../reader/trace-columns.ts';
import { findTimes, spansOfTraces, type TraceTimes } from '../reader/trace-rows.ts';
import { readRows } from '../row-binary/reader.ts';
import { database } from '../schema/tables.ts';
import { encodeFacts, factColumns } from './encode-facts.ts';
import type { Message, SettleStore, TraceFacts } from './settle-store.ts';

/** At most this many segments are looked at together: each may hold the spans of thousands of traces. */
const segmentsAtOnce = 8;

/** Links that are followed for one batch of traces, at most; what is beyond is left out of the graph. */
const maxLinks = 20_000;

export function createSettleStore(engine: Engine): SettleStore {
  return {
    async settledSeq() {
      const bytes = await engine.query(
        `SELECT toUInt64(max(seq)) FROM ${database}.settle_progress WHERE job = 'traces'`,
      );
      return readRows(bytes)[0]![0] as bigint;
    },

    async changedTraces(after, upTo) {
      const segments = await engine.query(
        `SELECT max(ingest_seq) FROM (SELECT DISTINCT ingest_seq FROM ${database}.span_search
          WHERE ingest_seq > {after:UInt64} AND ingest_seq <= {upTo:UInt64}
          ORDER BY ingest_seq LIMIT ${segmentsAtOnce})`,
        { parameters: { after, upTo } },
      );
      const seq = readRows(segments)[0]![0] as bigint;
      if (seq === 0n) return undefined;
      const bytes = await engine.query(
        `SELECT tenant, lower(hex(trace_id)), max(adjusted_count) FROM ${database}.span_search
          WHERE ingest_seq > {after:UInt64} AND ingest_seq <= {seq:UInt64}
          GROUP BY tenant, trace_id ORDER BY tenant, toDate(min(start_time)), trace_id`,
        { parameters: { after, seq } },
      );
      const traces = readRows(bytes).map(([tenant, id, adjustedCount]) => ({
        tenant: tenant as number,
        traceId: id as TraceId,
        adjustedCount: adjustedCount as number,
      }));
      return { seq, traces };
    },

    async wholeTraces(tenant, ids) {
      const times = await findTimes(engine, tenant, 'trace_times', ids);
      if (times === undefined) return [];
      const traces = await readManyTraceColumns(engine, tenant, ids, times);
      const consuming = traces.filter(({ kind }) => kind.includes(spanKinds.consumer));
      const messages = await readMessages(
        engine,
        tenant,
        consuming.map(({ traceId }) => traceId),
        times,
      );
      return traces.map((columns) => ({
        columns,
        messages: messages.get(columns.traceId) ?? [],
      }));
    },

    async collectFacts(settledSeq, path) {
      const file = await open(path, 'w', 0o600);
      const gone: string[] = [];
      let traceCount = 0;
      let isOver = false;
      const discard = async () => {
        if (isOver) return;
        isOver = true;
        await file.close();
        await rm(path, { force: true });
      };
      return {
        async add(facts) {
          if (facts.length === 0) return;
          gone.push(...(await findMoved(engine, facts)));
          await file.writeFile(encodeFacts(facts, settledSeq));
          traceCount += facts.length;
        },
        async replace() {
          try {
            if (traceCount === 0) return;
            // First what is no longer there: between the two the trace is read from its spans.
            if (gone.length > 0) {
              await engine.execute(
                `INSERT INTO ${database}.trace_summary (tenant, start, trace_id, settled_seq, is_deleted)
                  VALUES ${gone.map((key) => `${key}, ${settledSeq}, 1)`).join(', ')}`,
              );
            }
            const names = factColumns.map(([name]) => name).join(', ');
            const structure = factColumns.map(([name, type]) => `${name} ${type}`).join(', ');
            await engine.execute(
              `INSERT INTO ${database}.trace_summary (${names})
                SELECT ${names} FROM ${engine.fileSource(path, structure)}`,
            );
          } finally {
            await discard();
          }
        },
        discard,
      };
    },

    markSettled: (seq) => engine.execute(`INSERT INTO ${database}.settle_progress VALUES ('traces', ${seq})`),
  };
}

/** Rows of these traces under another start, as the beginning of their keys in SQL. */
async function findMoved(engine: Engine, facts: readonly TraceFacts[]): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const tenant of new Set(facts.map((trace) => trace.tenant))) {
    const own = facts.filter((trace) => trace.tenant === tenant);
    const starts = new Map(own.map(({ traceId, startTimeUnixNano }) => [traceId, startTimeUnixNano]));
    // A span that comes late can only make a trace begin earlier.
    let from = own[0]!.startTimeUnixNano as bigint;
    let to = from;
    for (const { startTimeUnixNano: start, durationNanos } of own) {
      const end = start + BigInt(durationNanos);
      if (start < from) from = start;
      if (end > to) to = end;
    }
    const bytes = await queryTenant(
      engine,
      tenant,
      `SELECT lower(hex(trace_id)), toUnixTimestamp64Nano(start) FROM ${rowsOf('trace_summary')}
        AND start >= ${timeFrom('from')} AND start <= ${timeFrom('to')} AND trace_id IN ${traceIdsFrom('ids')}`,
      { ids: [...starts.keys()], from, to },
    );
    for (const [id, start] of readRows(bytes)) {
      if (starts.get(id as TraceId) === start) continue;
      gone.push(`(${tenant}, fromUnixTimestamp64Nano(${start}, 'UTC'), unhex('${id}')`);
    }
  }
  return gone;
}

/** By trace of the consumer. */
async function readMessages(
  engine: Engine,
  tenant: number,
  ids: readonly TraceId[],
  times: TraceTimes,
): Promise<ReadonlyMap<TraceId, readonly Message[]>> {
  const messages = new Map<TraceId, Message[]>();
  if (ids.length === 0) return messages;
  // A consumer whose parent is the producer is a call like any other.
  const consumed = readRows(
    await queryTenant(
      engine,
      tenant,
      `SELECT lower(hex(trace_id)), service, status_code, duration, lower(hex(link.1)), lower(hex(link.2))
        FROM (
          SELECT trace_id, span_id, service, status_code, duration, parent_span_id, arrayJoin(links) AS link
          FROM ${rowsOf('spans')} AND ${spansOfTraces} AND kind = ${spanKinds.consumer} AND notEmpty(links)
        ) WHERE link.2 != parent_span_id LIMIT 1 BY trace_id, span_id, link.1, link.2 LIMIT ${maxLinks}`,
      { ids, ...times },
    ),
  ) as readonly (readonly [TraceId, string, number, bigint, TraceId, SpanId])[];
  const producers = await readServices(
    engine,
    tenant,
    consumed.map(([, , , , traceId, spanId]) => [traceId, spanId] as const),
  );
  for (const [traceId, consumer, status, duration, linkTrace, linkSpan] of consumed) {
    const producer = producers.get(linkTrace + linkSpan);
    if (producer === undefined || producer === consumer) continue;
    const own = messages.get(traceId) ?? [];
    messages.set(traceId, own);
    own.push({
      producer,
      consumer,
      hasError: status === statusCodes.error,
      durationNanos: Number(duration),
    });
  }
  return messages;
}

/** By trace id and span id, one behind the other. */
async function readServices(
  engine: Engine,
  tenant: number,
  spans: readonly (readonly [TraceId, SpanId])[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(spans.map(([traceId]) => traceId))];
  const times = ids.length === 0 ? undefined : await findTimes(engine, tenant, 'trace_times', ids);
  if (times === undefined) return new Map();
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT lower(hex(trace_id)), lower(hex(span_id)), service FROM ${rowsOf('spans')} AND ${spansOfTraces}
      AND span_id IN ${spanIdsFrom('spanIds')}`,
    { ids, ...times, spanIds: [...new Set(spans.map(([, spanId]) => spanId))] },
  );
  return new Map(
    readRows(bytes).map(([traceId, spanId, service]) => [`${traceId}${spanId}`, service as string]),
  );
}
