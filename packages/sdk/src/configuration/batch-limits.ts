import { getNumberFromEnv } from '@opentelemetry/core';
import type { BatchOptions } from '../tracing-options.ts';

export interface BatchLimits {
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
}

/** @param prefix `OTEL_BSP` for spans, `OTEL_BLRP` for log records. */
export function resolveBatchLimits(options: BatchOptions, prefix: 'OTEL_BSP' | 'OTEL_BLRP'): BatchLimits {
  const maxQueueSize = positive(options.maxQueueSize, `${prefix}_MAX_QUEUE_SIZE`, 2048);
  const maxExportBatchSize = positive(options.maxExportBatchSize, `${prefix}_MAX_EXPORT_BATCH_SIZE`, 512);
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
    scheduledDelayMillis: positive(options.scheduledDelayMillis, `${prefix}_SCHEDULE_DELAY`, 1000),
    exportTimeoutMillis: positive(options.exportTimeoutMillis, `${prefix}_EXPORT_TIMEOUT`, 30_000),
  };
}

function positive(option: number | undefined, variable: string, fallback: number): number {
  const value = option ?? getNumberFromEnv(variable);
  return value !== undefined && Number.isFinite(value) && value > 0 ? Math.ceil(value) : fallback;
}
