import { getNumberFromEnv } from '@opentelemetry/core';
import type { BatchOptions } from '../tracing-options.ts';

export interface BatchLimits {
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
}

/** Room for 2048 spans of 8 KiB, far more than spans without content need; still small beside a Node process. */
const DEFAULT_MAX_QUEUE_BYTES = 16 * 1024 * 1024;

/** @param prefix `OTEL_BSP` for spans, `OTEL_BLRP` for log records. */
export function resolveBatchLimits(options: BatchOptions, prefix: 'OTEL_BSP' | 'OTEL_BLRP'): BatchLimits {
  const maxQueueSize = positive(options.maxQueueSize, `${prefix}_MAX_QUEUE_SIZE`, 2048);
  const maxExportBatchSize = positive(options.maxExportBatchSize, `${prefix}_MAX_EXPORT_BATCH_SIZE`, 512);
  return {
    maxQueueSize,
    maxQueueBytes: positive(options.maxQueueBytes, undefined, DEFAULT_MAX_QUEUE_BYTES),
    maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
    scheduledDelayMillis: positive(options.scheduledDelayMillis, `${prefix}_SCHEDULE_DELAY`, 1000),
    exportTimeoutMillis: positive(options.exportTimeoutMillis, `${prefix}_EXPORT_TIMEOUT`, 30_000),
  };
}

function positive(option: number | undefined, variable: string | undefined, fallback: number): number {
  const value = option ?? (variable === undefined ? undefined : getNumberFromEnv(variable));
  return value !== undefined && Number.isFinite(value) && value > 0 ? Math.ceil(value) : fallback;
}
