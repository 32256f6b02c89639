import type { SearchTracesResponse, TraceSummaryDto } from '@spanwise/api';

export interface LiveList {
  readonly shown: readonly TraceSummaryDto[];
  /** Found, and kept back until the reader asks. */
  readonly waiting: readonly TraceSummaryDto[];
}

/**
 * What is on screen while the list is read: a trace that is shown already is brought up to date where it stands, and
 * new ones wait. `head` is the first page of now.
 */
export function mergeLive(
  loaded: readonly TraceSummaryDto[],
  head: readonly TraceSummaryDto[] | undefined,
): LiveList {
  if (head === undefined) return { shown: loaded, waiting: [] };
  const news = new Map(head.map((trace) => [trace.traceId, trace]));
  const shown = loaded.map((trace) => news.get(trace.traceId) ?? trace);
  for (const { traceId } of loaded) news.delete(traceId);
  return { shown, waiting: [...news.values()] };
}

/**
 * The pages with the first page of now in front. Where there is nothing between them to lose, all that follows stays;
 * else, or where one page is all there is, the list begins anew.
 */
export function withHead(
  pages: readonly SearchTracesResponse[],
  head: SearchTracesResponse,
): readonly SearchTracesResponse[] {
  const [first, ...more] = pages;
  if (first === undefined || more.length === 0) return [head];
  const { shown, waiting } = mergeLive(first.traces, head.traces);
  if (waiting.length === head.traces.length && head.next !== undefined) return [head];
  const traces = [...waiting, ...shown];
  return [{ ...first, traces, ...(head.total === undefined ? {} : { total: head.total }) }, ...more];
}
