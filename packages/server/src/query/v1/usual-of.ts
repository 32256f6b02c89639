import { type Bottleneck, compareWithUsual, describeUsual } from '@spanwise/analysis';
import type { BottleneckDto } from '@spanwise/api';
import { type TraceColumns, unixMillisFromNano } from '@spanwise/model';
import type { TraceReader } from '@spanwise/store';

/** Long enough for operations that run once a day at the same time. */
const historyMillis = 7 * 86_400_000;
const minuteMillis = 60_000;

/**
 * How usual the bottleneck's longest span is for its operation. The minute in which the trace began is left out, and
 * with it the trace itself. Absence: undefined where there is no history.
 */
export async function usualOf(
  reader: TraceReader,
  tenant: number,
  columns: TraceColumns,
  { row }: Bottleneck,
): Promise<BottleneckDto['usual']> {
  const endMillis = Math.floor(unixMillisFromNano(columns.startTimeUnixNano) / minuteMillis) * minuteMillis;
  const [history] = await reader.series(tenant, {
    startMillis: endMillis - historyMillis,
    endMillis,
    service: columns.services[columns.serviceIndex[row]!]!,
    name: columns.names[columns.nameIndex[row]!]!,
    kinds: [columns.kind[row]!],
    by: [],
  });
  const usual = history && compareWithUsual(history.buckets, columns.durationsNanos[row]!);
  return usual && { ...usual, sentence: describeUsual(usual) };
}
