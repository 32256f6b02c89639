import type { TraceSkeletonDto } from '@spanwise/api';
import type { TraceColumns } from '@spanwise/model';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { ApiError, getJsonUnlessSame } from '../../api/client.ts';
import { useLive } from '../../api/live.ts';
import { traceColumnsFromSkeleton } from '../../api/trace-columns-from-skeleton.ts';

export interface LoadedTrace {
  readonly columns: TraceColumns;
  readonly version: string;
  readonly etag: string | undefined;
}

/** News of one trace is asked for at most this often. */
const leastMillisBetween = 1_000;
const retryMillis = 1_500;
/** How often an unknown trace is asked for: a sender's batch may take half a minute. */
export const missingTriesMax = 20;

/** A trace, kept up to date while it is looked at. A reply that brings nothing new changes no reference. */
export function useTrace(traceId: string) {
  const client = useQueryClient();
  const reply = useQuery({
    queryKey: ['trace', traceId],
    queryFn: async ({ signal }): Promise<LoadedTrace> => {
      const known = client.getQueryData<LoadedTrace>(['trace', traceId]);
      const fresh = await getJsonUnlessSame<TraceSkeletonDto>(
        `/api/v1/traces/${traceId}`,
        known?.etag,
        signal,
      );
      if (known !== undefined && (fresh === undefined || fresh.reply.version === known.version)) return known;
      if (fresh === undefined)
        throw new ApiError(304, 'unexpected', 'The server sent nothing new for a new page.');
      return {
        columns: traceColumnsFromSkeleton(fresh.reply),
        version: fresh.reply.version,
        etag: fresh.etag,
      };
    },
    structuralSharing: false,
    retry: false,
    refetchInterval: (query) => {
      const { error, errorUpdateCount } = query.state;
      if (!(error instanceof ApiError)) return false;
      if (error.status === 404) return errorUpdateCount < missingTriesMax ? retryMillis : false;
      return error.status === 0 || error.status >= 500 ? retryMillis : false;
    },
  });
  const timer = useRef<number | undefined>(undefined);
  const ask = useCallback(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ['trace', traceId] });
      void client.invalidateQueries({ queryKey: ['logs', traceId] });
    }, leastMillisBetween);
  }, [client, traceId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was planned for another question is off
  useEffect(
    () => () => {
      window.clearTimeout(timer.current);
      timer.current = undefined;
    },
    [ask],
  );
  useLive(true, (event) => {
    if (event === undefined || event.truncated || event.traceIds.includes(traceId)) ask();
  });
  return reply;
}
