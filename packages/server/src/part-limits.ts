import type { EngineLimits } from '@spanwise/store';
import { limits } from './limits.ts';
import type { SpoolLimits } from './spool/spool.ts';

/** What the table of limits says of the spool and of an engine. */
export const spoolLimits: SpoolLimits = {
  maxBytes: limits.spoolBytes.value,
  diskReserveBytes: limits.spoolDiskReserveBytes.value,
  groupBytes: limits.spoolGroupBytes.value,
  fsyncMillis: limits.spoolSyncMillis.value,
  traceIdsPerSegment: limits.spoolTraceIds.value,
  divideTries: limits.spoolDivideTries.value,
  quarantineListed: limits.spoolQuarantineListed.value,
  segmentMaxBytes: limits.spoolSegmentBytes.value,
  segmentMaxRows: limits.spoolSegmentRows.value,
  segmentMaxAgeMillis: limits.spoolSegmentMillis.value,
  requestMemoryMillis: limits.repeatMillis.value,
  requestMemoryEntries: limits.repeatEntries.value,
};

export const engineLimits: EngineLimits = {
  pendingQueries: limits.queriesPending.value,
  resultRows: limits.queryResultRows.value,
  resultBytes: limits.queryResultBytes.value,
};
