import type { Engine, QueryParameter } from '../engine.ts';
import type { LogQuery, PlacedLogRecord } from '../store.ts';
import { readLogs, wholeLogRecord } from './logs.ts';
import { wholeListedRecords } from './payload.ts';
import { queryTenant, rowsOf, spanIdsFrom, timeFrom } from './tenant-query.ts';
import { findTimes, logsOfTrace } from './trace-rows.ts';

/**
 * One page of log records. The table stands by time, so a page of the newest is a short read; a text that hardly
 * occurs is looked for in the whole window.
 */
export async function findLogs(
  engine: Engine,
  tenant: number,
  query: LogQuery,
): Promise<readonly PlacedLogRecord[]> {
  const parts: string[] = [];
  const parameters: Record<string, QueryParameter> = { limit: query.limit };
  const add = (sql: string, name: string, value: QueryParameter | undefined) => {
    if (value === undefined) return;
    parts.push(` AND ${sql}`);
    parameters[name] = value;
  };
  if (query.traceId !== undefined) {
    const times = await findTimes(engine, tenant, 'trace_log_times', [query.traceId]);
    if (times === undefined) return [];
    parts.push(` AND ${logsOfTrace}`);
    Object.assign(parameters, { id: query.traceId, ...times });
  }
  add(
    `span_id IN ${spanIdsFrom('spanIds')}`,
    'spanIds',
    query.spanId === undefined ? undefined : [query.spanId],
  );
  add('service = {service:String}', 'service', query.service);
  add('severity_number >= {severityMin:UInt8}', 'severityMin', query.severityMin);
  add('positionCaseInsensitiveUTF8(body, {text:String}) > 0', 'text', query.text);
  add(`time >= ${timeFrom('timeMin')}`, 'timeMin', query.timeMin);
  add(`time <= ${timeFrom('timeMax')}`, 'timeMax', query.timeMax);
  const isNewest = query.order === 'newest';
  if (query.after !== undefined) {
    const compare = isNewest ? '<' : '>';
    // The first comparison is implied, and lets the primary key skip.
    add(`time ${compare}= ${timeFrom('afterTime')}`, 'afterTime', query.after.timeUnixNano);
    add(
      `(time, ingest_seq, row) ${compare} (${timeFrom('afterTime')}, {afterSeq:UInt64}, {afterRow:UInt32})`,
      'afterSeq',
      query.after.ingestSeq,
    );
    parameters.afterRow = query.after.row;
  }
  const direction = isNewest ? 'DESC' : 'ASC';
  const stored = readLogs(
    await queryTenant(
      engine,
      tenant,
      `SELECT ${wholeLogRecord} FROM ${rowsOf('logs')}${parts.join('')}
        ORDER BY time ${direction}, ingest_seq ${direction}, row ${direction} LIMIT {limit:UInt32}`,
      parameters,
    ),
  );
  const records = await wholeListedRecords(engine, tenant, stored);
  return records.map((record, index) => {
    const { ingestSeq, row } = stored[index]!;
    return { record, place: { timeUnixNano: record.timeUnixNano, ingestSeq, row } };
  });
}
