import { EngineError } from './engine.ts';

/** ClickHouse exception codes that we act upon. (ClickHouse, src/Common/ErrorCodes.cpp.) */
export const errorCodes = {
  tableAlreadyExists: 57,
  unknownTable: 60,
  fileDoesntExist: 107,
  timeoutExceeded: 159,
  tooManyParts: 252,
  queryWasCancelled: 394,
} as const;

/** What time, or an operator, cures: the same statement may succeed later. */
const transientCodes: ReadonlySet<number> = new Set([
  74, // CANNOT_READ_FROM_FILE_DESCRIPTOR
  75, // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  76, // CANNOT_OPEN_FILE
  77, // CANNOT_CLOSE_FILE
  160, // TOO_SLOW
  173, // CANNOT_ALLOCATE_MEMORY
  202, // TOO_MANY_SIMULTANEOUS_QUERIES
  209, // SOCKET_TIMEOUT
  210, // NETWORK_ERROR
  236, // ABORTED
  241, // MEMORY_LIMIT_EXCEEDED
  242, // TABLE_IS_READ_ONLY
  243, // NOT_ENOUGH_SPACE
  297, // SHARD_HAS_NO_CONNECTIONS
  319, // UNKNOWN_STATUS_OF_INSERT
  425, // SYSTEM_ERROR
  439, // CANNOT_SCHEDULE_TASK
  473, // DEADLOCK_AVOIDED
  481, // PATH_ACCESS_DENIED
  517, // CANNOT_ASSIGN_ALTER
  568, // RAFT_ERROR
  999, // KEEPER_EXCEPTION
  errorCodes.tooManyParts,
  errorCodes.queryWasCancelled,
]);

/** At the end only, before a server's version and the length of its text: what stands before it may be a value. */
const trailingName = /\(([A-Z][A-Z0-9_]{2,})\)(?: \(version (?:[^()]|\([^()]*\))*\))?(?:\s+\d+)?\s*$/;

/**
 * The error of a failed statement. Engine texts quote values (of rows, of conditions), so only code, name and
 * row number get through.
 */
export function engineErrorFrom(text: string, code: number | undefined): EngineError {
  if (code === errorCodes.timeoutExceeded) return timeoutError();
  const name = trailingName.exec(text)?.[1] ?? 'UNKNOWN';
  const row = /\(at row (\d{1,10})\)/.exec(text)?.[1];
  // The same code refuses one insert for touching too many partitions, which no time cures.
  const tooManyPartitions = code === errorCodes.tooManyParts && text.includes('partitions for single INSERT');
  return new EngineError(
    `ClickHouse error ${code ?? '?'} ${name}${row === undefined ? '' : ` at row ${row}`}`,
    {
      // Without a code the failure is not the statement's: the binding, or the process, broke.
      retryable: code === undefined || (transientCodes.has(code) && !tooManyPartitions),
      ...(code === undefined ? {} : { code }),
    },
  );
}

export function timeoutError(): EngineError {
  return new EngineError('the statement took longer than it may', {
    retryable: false,
    code: errorCodes.timeoutExceeded,
  });
}
