import type { TraceColumns, TraceId } from '@spanwise/model';
import type { TraceReader } from '@spanwise/store';
import { QueryError, traceNotFound } from '../query-error.ts';

export interface StableTrace {
  readonly columns: TraceColumns;
  readonly version: string;
}

/**
 * Columns and the version that they are of: rows of a view must fit the skeleton of the same version.
 * Errors: `QueryError` 404 for an unknown trace, 503 for one that grows faster than it can be read.
 */
export async function readStableTrace(
  reader: TraceReader,
  tenant: number,
  id: TraceId,
): Promise<StableTrace> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const before = await reader.traceVersion(tenant, id);
    if (before === undefined) throw traceNotFound();
    const columns = await reader.traceColumns(tenant, id);
    if ((await reader.traceVersion(tenant, id)) !== before) continue;
    if (columns === undefined) throw traceNotFound(); // log records only
    return { columns, version: before };
  }
  throw new QueryError(503, 'trace_changing', 'the trace grows faster than it can be read; ask again', {
    retryAfterSeconds: 1,
  });
}
