/** Seconds that any reading statement may run; a query's own, shorter, time-out is kept by cancelling it. */
export const maxExecutionSeconds = 60;

/** Rows of one answer. A trace of a million spans still fits; past it the query fails, and is never cut short. */
export const maxResultRows = 5_000_000;

/** Bytes of one answer, as the engine counts them before encoding. */
export const maxResultBytes = 2 * 1024 ** 3;

/** Queries that wait or run; further ones are told to come again. */
export const maxPendingQueries = 256;

/**
 * Settings of a reader session, as the engine's command line spells them. Overflow always throws: `break` gives
 * wrong numbers without a sign.
 */
export function queryLimits(memoryBytes: number): readonly string[] {
  return [
    `--max_execution_time=${maxExecutionSeconds}`,
    '--timeout_overflow_mode=throw',
    `--max_memory_usage=${memoryBytes}`,
    `--max_result_rows=${maxResultRows}`,
    `--max_result_bytes=${maxResultBytes}`,
    '--result_overflow_mode=throw',
    '--read_overflow_mode=throw',
  ];
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
