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
const tracesAtOnce = 3;

/** Reads whole traces for one answer that is built in memory; `convert` says what is kept of each. */
export async function readTraces<T>(
  reader: Pick<TraceReader, 'trace'>,
  tenant: number,
  ids: readonly TraceId[],
  convert: (trace: Trace) => T,
): Promise<TracesRead<T>> {
  const found = new Map<TraceId, T>();
  const missing: TraceId[] = [];
  const leftOut: TraceId[] = [];
  const left = ids.values();
  let spanCount = 0;
  const readOn = async () => {
    for (const id of left) {
      if (spanCount >= limits.jaegerSpans.value) {
        leftOut.push(id);
        continue;
      }
      const trace = await reader.trace(tenant, id);
      if (trace === undefined) {
        missing.push(id);
        continue;
      }
      spanCount += trace.spans.length;
      found.set(id, convert(trace));
    }
  };
  await Promise.all(Array.from({ length: tracesAtOnce }, readOn));
  return { found, missing, leftOut, spanCount };
}
