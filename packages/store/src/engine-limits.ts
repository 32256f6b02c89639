import type { EngineSettings } from './embedded/messages.ts';

/** Seconds that any reading statement may run; a query's own, shorter, time-out is kept by cancelling it. */
export const maxExecutionSeconds = 60;

/** Bounds of what readers may ask of an engine. */
export interface EngineLimits {
  /** Queries that wait or run; further ones are told to come again. */
  readonly pendingQueries: number;
  /** Rows of one answer; past it the query fails, and is never cut short. */
  readonly resultRows: number;
  /** Bytes of one answer, as the engine counts them before encoding. */
  readonly resultBytes: number;
}

/** For who has none of their own; the server's stand in its table of limits. */
export const defaultEngineLimits: EngineLimits = {
  pendingQueries: 256,
  resultRows: 5_000_000,
  resultBytes: 2 * 1024 ** 3,
};

/** Settings of a reading statement. Overflow always throws: `break` gives wrong numbers without a sign. */
export function queryLimits({
  queryMemoryBytes,
  resultRows,
  resultBytes,
}: Pick<EngineSettings, 'queryMemoryBytes' | 'resultRows' | 'resultBytes'>) {
  return {
    max_execution_time: maxExecutionSeconds,
    timeout_overflow_mode: 'throw',
    max_memory_usage: String(queryMemoryBytes),
    max_result_rows: String(resultRows),
    max_result_bytes: String(resultBytes),
    result_overflow_mode: 'throw',
    read_overflow_mode: 'throw',
  } as const;
}

const mebibyte = 1024 ** 2;

/**
 * Settings of the engine as a whole; the first session brings them. Its own defaults are those of a server that
 * has the machine to itself: gigabytes of caches that grow with the data.
 */
export function engineSettings(memoryBytes: number): readonly string[] {
  return [
    `--max_server_memory_usage=${memoryBytes}`,
    `--mark_cache_size=${256 * mebibyte}`,
    `--index_mark_cache_size=${128 * mebibyte}`,
    `--primary_index_cache_size=${256 * mebibyte}`,
    `--query_condition_cache_size=${16 * mebibyte}`,
  ];
}
