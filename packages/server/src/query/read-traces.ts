import type { Trace, TraceId } from '@spanwise/model';
import type { TraceReader } from '@spanwise/store';
import { limits } from '../limits.ts';

export interface TracesRead<T> {
  readonly found: ReadonlyMap<TraceId, T>;
  readonly missing: readonly TraceId[];
  /** Not read, because what was read has `limits.jaegerSpans` or more. */
  readonly leftOut: readonly TraceId[];
  readonly spanCount: number;
}

/** As many readers as the engine has sessions to spare: more would only wait there. */
const groupsAtOnce = 3;

/** Reads whole traces for one answer that is built in memory; `convert` says what is kept of each. */
export async function readTraces<T>(
  reader: Pick<TraceReader, 'trace' | 'traceGroups'>,
  tenant: number,
  ids: readonly TraceId[],
  convert: (trace: Trace) => T,
): Promise<TracesRead<T>> {
  const found = new Map<TraceId, T>();
  const missing: TraceId[] = [];
  const leftOut: TraceId[] = [];
  let spanCount = 0;
  const take = (id: TraceId, trace: Trace | undefined) => {
    if (trace === undefined) {
      missing.push(id);
      return;
    }
    spanCount += trace.spans.length;
    found.set(id, convert(trace));
  };
  const left = (await reader.traceGroups(tenant, ids)).values();
  const readOn = async () => {
    for (const group of left) {
      const traces = spanCount < limits.jaegerSpans.value ? await group.read() : undefined;
      for (const id of group.ids) {
        if (spanCount >= limits.jaegerSpans.value) leftOut.push(id);
        else take(id, traces === undefined ? await reader.trace(tenant, id) : traces.get(id));
      }
    }
  };
  await Promise.all(Array.from({ length: groupsAtOnce }, readOn));
  return { found, missing, leftOut, spanCount };
}
