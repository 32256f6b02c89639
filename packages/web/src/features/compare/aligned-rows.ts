import type { TraceComparisonDto, TraceSkeletonDto } from '@spanwise/api';
import { statusCodes } from '@spanwise/model';

/** A span of either trace, with its partner where it has one. */
export interface AlignedRow {
  readonly depth: number;
  readonly service: string;
  readonly name: string;
  /** Absent: the trace has no such span. */
  readonly before?: AlignedSpan;
  readonly after?: AlignedSpan;
}

export interface AlignedSpan {
  readonly spanId: string;
  readonly durationNanos: number;
  readonly isFailed: boolean;
}

/** The first `most` rows of both traces together. */
export function alignedRows(
  comparison: TraceComparisonDto,
  before: TraceSkeletonDto,
  after: TraceSkeletonDto,
  most: number,
): readonly AlignedRow[] {
  const spanOf = (trace: TraceSkeletonDto, row: number): AlignedSpan | undefined =>
    row === -1
      ? undefined
      : {
          spanId: trace.spanIds[row]!,
          durationNanos: trace.durationsNanos[row]!,
          isFailed: trace.status[row] === statusCodes.error,
        };
  return comparison.depth.slice(0, most).map((depth, index) => {
    const [rowBefore, rowAfter] = [comparison.rowsBefore[index]!, comparison.rowsAfter[index]!];
    const [trace, row] = rowAfter === -1 ? [before, rowBefore] : [after, rowAfter];
    const [spanBefore, spanAfter] = [spanOf(before, rowBefore), spanOf(after, rowAfter)];
    return {
      depth,
      service: trace.services[trace.serviceIndex[row]!] ?? '',
      name: trace.names[trace.nameIndex[row]!] ?? '',
      ...(spanBefore === undefined ? {} : { before: spanBefore }),
      ...(spanAfter === undefined ? {} : { after: spanAfter }),
    };
  });
}
