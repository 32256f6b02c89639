import type { TracesResponse } from '@spanwise/api';
import { unixNanoFromMillis } from '@spanwise/model';
import type { TraceReader } from '@spanwise/store';
import type { z } from 'zod';
import { invalidParameter } from '../query-error.ts';
import { searchConditions } from '../search-conditions.ts';
import type { searchParameters } from './parameters.ts';
import { toSummaryDto } from './to-dto.ts';
import { windowOf } from './window-of.ts';

const defaultLookbackMillis = 3_600_000;

export async function searchTraces(
  reader: TraceReader,
  tenant: number,
  search: z.output<typeof searchParameters>,
  now: number,
): Promise<TracesResponse> {
  const { service, operation, minDuration, maxDuration } = search;
  const { startMillis, endMillis } = windowOf(search, now, defaultLookbackMillis);
  if (minDuration !== undefined && maxDuration !== undefined && minDuration > maxDuration) {
    throw invalidParameter('maxDuration', 'is less than minDuration');
  }
  const found = await reader.findTraces(tenant, {
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation }),
    ...(minDuration === undefined ? {} : { durationNanosMin: minDuration }),
    ...(maxDuration === undefined ? {} : { durationNanosMax: maxDuration }),
    ...searchConditions(search.tags ?? []),
    startTimeMin: unixNanoFromMillis(startMillis),
    startTimeMax: unixNanoFromMillis(endMillis),
    limit: search.limit,
  });
  const answer = { traces: found.map(toSummaryDto), startMillis, endMillis };
  if (found.length > 0) return answer;
  return { ...answer, emptyReason: await emptyReason(reader, tenant, service) };
}

async function emptyReason(
  reader: TraceReader,
  tenant: number,
  service: string | undefined,
): Promise<NonNullable<TracesResponse['emptyReason']>> {
  const services = await reader.services(tenant);
  if (services.length === 0) return 'nothing_stored';
  return service !== undefined && !services.includes(service) ? 'unknown_service' : 'nothing_in_window';
}
