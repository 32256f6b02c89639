import type { Trace, TraceId } from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { wholeSpans } from '../reader/payload.ts';
import { readSpans, wholeSpan } from '../reader/spans.ts';
import { queryTenant, rowsOf } from '../reader/tenant-query.ts';
import { eachSpanOnce, findTimes, rowsOfArchived } from '../reader/trace-rows.ts';
import { readRows } from '../row-binary/reader.ts';
import { type ArchiveTable, type BaseTable, database } from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';
import { archivedColumns } from './archived-columns.ts';

/** As `TraceArchive.archiveTrace`. */
export async function archiveTrace(
  engine: Engine,
  tenant: number,
  id: TraceId,
  { withPayload }: { readonly withPayload: boolean },
): Promise<boolean> {
  const times = await findTimes(engine, tenant, 'trace_times', [id]);
  if (times === undefined) return isArchived(engine, tenant, id);
  const timeOf = (nanos: bigint) => `fromUnixTimestamp64Nano(toInt64(${nanos}), 'UTC')`;
  // Only queries take parameters.
  const condition = `tenant = ${tenant} AND trace_id = toFixedString(unhex(${quote(id)}), 16)
    AND start_time >= ${timeOf(times.from)} AND start_time <= ${timeOf(times.to)}`;
  // Values first: a span without them would say that they are gone.
  if (withPayload) await copy('span_payload', 'archived_payload');
  await copy('spans', 'archived_spans');
  return isArchived(engine, tenant, id);

  function copy(from: BaseTable, to: ArchiveTable): Promise<void> {
    const names = archivedColumns[to].map(([name]) => name).join(', ');
    return engine.execute(
      `INSERT INTO ${database}.${to} (${names}) SELECT ${names} FROM ${database}.${from} WHERE ${condition}`,
    );
  }
}

async function isArchived(engine: Engine, tenant: number, id: TraceId): Promise<boolean> {
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT 1 FROM ${rowsOf('archived_spans')} AND ${rowsOfArchived} LIMIT 1`,
    { id },
  );
  return readRows(bytes).length > 0;
}

/** Absence: undefined when nobody archived it. */
export async function readArchivedTrace(
  engine: Engine,
  tenant: number,
  id: TraceId,
): Promise<Trace | undefined> {
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT ${wholeSpan} FROM ${rowsOf('archived_spans')} AND ${rowsOfArchived}
      ORDER BY start_time, span_id ${eachSpanOnce}`,
    { id },
  );
  const stored = readSpans(bytes);
  if (stored.length === 0) return undefined;
  const spans = await wholeSpans(engine, tenant, stored, rowsOfArchived, { id }, 'archived_payload');
  return { traceId: id, spans };
}
