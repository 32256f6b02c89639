import type { TraceSummaryDto } from '@spanwise/api';

/** `api-gateway › POST /chat`, or that its root has not arrived. */
export function traceTitle(trace: TraceSummaryDto): string {
  if (trace.rootName === undefined) return `root not here yet (${trace.services[0]?.name ?? trace.traceId})`;
  return `${trace.rootService ?? ''} › ${trace.rootName}`;
}
