import { filterBounds } from '@spanwise/filter';
import { catalogueKeysPerDay } from '@spanwise/store/rows';

/** One bound of the backend. `docs/limits.md` shows the same table. */
export interface Limit {
  readonly value: number;
  readonly unit: 'bytes' | 'count' | 'levels' | 'milliseconds' | 'ratio';
  /** What a sender or a user sees when it is reached. */
  readonly atLimit: string;
  /** The counter, or the `reason` of `rejected`, that goes up. */
  readonly counter: string;
}

const mebibyte = 1024 * 1024;

/** Every bound of the backend in one place. Whoever needs another bound adds a row here. */
export const limits = {
  requestBytes: {
    value: 64 * mebibyte,
    unit: 'bytes',
    atLimit: 'after decompression: 413, or RESOURCE_EXHAUSTED without RetryInfo; nothing is stored',
    counter: 'refused: request_too_large',
  },
  refusedBodyBytes: {
    // Read and thrown away, so that who still writes reads the answer, instead of finding the connection broken and
    // sending it all again.
    value: 256 * mebibyte,
    unit: 'bytes',
    atLimit:
      'of a request over HTTP that is too large by its own word: the connection is closed after the answer',
    counter: 'refused: request_too_large',
  },
  rowBytesPerRequest: {
    // Resource attributes are repeated in every row: a small request could ask for an endless answer.
    value: 512 * mebibyte,
    unit: 'bytes',
    atLimit: 'the remaining spans or records are rejected one by one',
    counter: 'rejected: rows_too_large',
  },
  rowBytes: {
    value: 48 * mebibyte,
    unit: 'bytes',
    atLimit: 'this span or record is rejected',
    counter: 'rejected: row_too_large',
  },
  attributesPerElement: {
    // OpenTelemetry SDKs stop at 128; flattened dialects send some hundreds.
    value: 1_024,
    unit: 'count',
    atLimit: 'further attributes are left out and added to the dropped count; warning on the row',
    counter: 'attributes_over_limit',
  },
  keyBytes: {
    value: 1_024,
    unit: 'bytes',
    atLimit: 'the attribute is left out and added to the dropped count; warning on the row',
    counter: 'attributes_over_limit',
  },
  distinctKeysPerSpan: {
    value: 16_384,
    unit: 'count',
    atLimit: 'further attributes are left out and added to the dropped count; warning on the row',
    counter: 'attributes_over_limit',
  },
  valueBytes: {
    value: 8 * mebibyte,
    unit: 'bytes',
    atLimit: 'the attribute is left out and added to the dropped count; warning on the row',
    counter: 'attributes_over_limit',
  },
  inlineValueBytes: {
    // Stacks and query texts stay where people search; what is longer nobody compares with anything.
    value: 16 * 1024,
    unit: 'bytes',
    atLimit:
      'a longer value of a span, event, link or log record is stored apart from its row: read with it, not searched',
    counter: 'none: nothing is lost',
  },
  eventsPerSpan: {
    value: 16_384,
    unit: 'count',
    atLimit: 'further events are left out and added to the dropped count; warning on the row',
    counter: 'events_over_limit',
  },
  linksPerSpan: {
    value: 16_384,
    unit: 'count',
    atLimit: 'further links are left out and added to the dropped count; warning on the row',
    counter: 'links_over_limit',
  },
  nestingDepth: {
    // JSON.parse and our own recursion stay far from the end of the stack.
    value: 64,
    unit: 'levels',
    atLimit: 'what is nested deeper becomes empty; warning on the row',
    counter: 'nesting_over_limit',
  },
  startAheadMillis: {
    value: 24 * 3_600_000,
    unit: 'milliseconds',
    atLimit: 'a span or record that starts later is rejected (into the past, the retention age counts)',
    counter: 'rejected: time_out_of_range',
  },
  decodeQueue: {
    value: 256,
    unit: 'count',
    atLimit: 'further requests are told to come again',
    counter: 'refused: decode_queue_full',
  },
  traceIdsPerRequest: {
    value: 200,
    unit: 'count',
    atLimit: 'live views hear of the first 200 traces of a request and that there are more',
    counter: 'trace_ids_truncated',
  },
  servicesCountedPerRequest: {
    value: 100,
    unit: 'count',
    atLimit: 'drops of further services are counted under the name `other`',
    counter: 'content_dropped',
  },
  bytesInFlight: {
    // Four requests of the largest size. Taken when a request's length is known, before its body is read.
    value: 256 * mebibyte,
    unit: 'bytes',
    atLimit: 'over all receivers: 503 with Retry-After, or UNAVAILABLE with RetryInfo',
    counter: 'refused: bytes_in_flight',
  },
  connectionsPerReceiver: {
    value: 1_024,
    unit: 'count',
    atLimit: 'further connections are closed at once',
    counter: 'connections_refused',
  },
  streamsPerConnection: {
    // What gRPC clients expect at least. (RFC 9113, 6.5.2.)
    value: 100,
    unit: 'count',
    atLimit: 'the client waits for a running call to end (HTTP/2 flow control)',
    counter: 'none: the client keeps it',
  },
  requestMillis: {
    value: 30_000,
    unit: 'milliseconds',
    atLimit: 'a request that has not come in full by then (over gRPC: been answered) is broken off',
    counter: 'refused: aborted',
  },
  headersMillis: {
    value: 10_000,
    unit: 'milliseconds',
    atLimit:
      'a connection whose headers have not come by then is closed with 408; over gRPC, one whose settings have not come',
    counter: 'none: no request yet',
  },
  headerBytes: {
    value: 16_384,
    unit: 'bytes',
    atLimit: '431, or the stream is reset',
    counter: 'none: no request yet',
  },
  queryMillis: {
    value: 20_000,
    unit: 'milliseconds',
    atLimit: 'the question is given up: 504',
    counter: 'spanwise_query_duration_seconds, status 504',
  },
  queriesPending: {
    value: 256,
    unit: 'count',
    atLimit: 'waiting for the engine or running in it: a further question gets 503 with Retry-After',
    counter: 'spanwise_query_duration_seconds, status 503',
  },
  catalogueKeys: {
    value: catalogueKeysPerDay,
    unit: 'count',
    atLimit:
      'further keys of the day, for each decode worker, are not offered in search boxes; they are found all the same',
    counter: 'none: nothing is lost',
  },
  catalogueValues: {
    value: 1_000,
    unit: 'count',
    atLimit: 'of a key: its values are not offered any more',
    counter: 'none: nothing is lost',
  },
  catalogueWaiting: {
    value: 100_000,
    unit: 'count',
    atLimit: 'while storage is away: further keys and values are offered from the next day on',
    counter: 'none: nothing is lost',
  },
  notesPerRequest: {
    value: 200,
    unit: 'count',
    atLimit: 'further kinds of flaws of a request are not noted for the health of instrumentation',
    counter: 'none: the next request notes them',
  },
  notesWaiting: {
    value: 10_000,
    unit: 'count',
    atLimit: 'while storage is away: further kinds of flaws are not noted',
    counter: 'none: the next request notes them',
  },
  catalogueMillis: {
    value: 5_000,
    unit: 'milliseconds',
    atLimit: 'new keys and values are offered this much later',
    counter: 'none: nothing is lost',
  },
  settleMillis: {
    value: 10_000,
    unit: 'milliseconds',
    atLimit: 'facts of whole traces (service calls, agents, usage) are this far behind; under load further',
    counter: 'none: nothing is lost',
  },
  controlConnections: {
    // Commands of one person on this machine; only one of them holds a snapshot.
    value: 16,
    unit: 'count',
    atLimit: 'further commands (backup, purge, doctor) to a running server are refused',
    counter: 'none: the command says so',
  },
  controlBodyBytes: {
    // A trace id, or a key.
    value: 65_536,
    unit: 'bytes',
    atLimit: 'the command is refused',
    counter: 'none: the command says so',
  },
  queryResultRows: {
    // A trace of a million spans still fits.
    value: 5_000_000,
    unit: 'count',
    atLimit: 'the question fails; an answer is never cut short',
    counter: 'spanwise_query_duration_seconds, status 400',
  },
  queryResultBytes: {
    // As the engine counts them, before encoding.
    value: 2 * 1024 * mebibyte,
    unit: 'bytes',
    atLimit: 'the question fails; an answer is never cut short',
    counter: 'spanwise_query_duration_seconds, status 400',
  },
  queryConnections: {
    value: 512,
    unit: 'count',
    atLimit: 'further connections to the query port, or to the one for gRPC, are closed at once',
    counter: 'connections_refused',
  },
  searchResults: {
    value: 1_500,
    unit: 'count',
    atLimit: 'of own search: 400; of Jaeger search: fewer results than asked for',
    counter: 'spanwise_query_duration_seconds, status 400',
  },
  searchMillis: {
    // Of the time for one question; the rest is for showing what was found.
    value: 8_000,
    unit: 'milliseconds',
    atLimit: 'of searching for one answer: a list says what time it is complete for; what sums up gets 422',
    counter: 'spanwise_query_duration_seconds, status 422',
  },
  searchTotal: {
    value: 10_000,
    unit: 'count',
    atLimit: 'of matches, counted for one answer: the total is "at least"',
    counter: 'none: told in the answer',
  },
  searchFrozenIds: {
    value: 10_000,
    unit: 'count',
    atLimit: 'of a list whose order may change: further traces are on no page',
    counter: 'none: told in the answer',
  },
  searchFrozenLists: {
    // 160 kB each at most.
    value: 64,
    unit: 'count',
    atLimit: 'the list that was used longest ago is forgotten: its next page gets 410',
    counter: 'spanwise_query_duration_seconds, status 410',
  },
  searchFrozenMillis: {
    value: 10 * 60_000,
    unit: 'milliseconds',
    atLimit: 'a list whose order may change is forgotten: its next page gets 410',
    counter: 'spanwise_query_duration_seconds, status 410',
  },
  searchOperations: {
    value: 20_000,
    unit: 'count',
    atLimit: 'of operations with a history, for one percentile of a filter: 422',
    counter: 'spanwise_query_duration_seconds, status 422',
  },
  searchGroups: {
    value: 1_000,
    unit: 'count',
    atLimit: 'of groups or values in one answer: 400; those with fewer spans are left out',
    counter: 'none: told in the answer',
  },
  filterCharacters: {
    value: filterBounds.characters,
    unit: 'count',
    atLimit: 'of a filter: 400',
    counter: 'spanwise_query_duration_seconds, status 400',
  },
  filterTerms: {
    value: filterBounds.terms,
    unit: 'count',
    atLimit: 'of conditions and values in a filter: 400',
    counter: 'spanwise_query_duration_seconds, status 400',
  },
  filterDepth: {
    value: filterBounds.depth,
    unit: 'levels',
    atLimit: 'of a filter: 400',
    counter: 'spanwise_query_duration_seconds, status 400',
  },
  jaegerSampledTraces: {
    // Enough to meet every path that is walked often; some 10 ms a trace of the usual size.
    value: 100,
    unit: 'count',
    atLimit: 'deep dependencies and quality metrics are those of the newest traces',
    counter: 'none: nothing is refused',
  },
  jaegerCallPaths: {
    value: 1_000,
    unit: 'count',
    atLimit: 'further paths are left out of deep dependencies',
    counter: 'none: nothing is refused',
  },
  jaegerSpans: {
    // A whole trace in Jaeger's form is built in memory, about 2 kB a span.
    value: 200_000,
    unit: 'count',
    atLimit:
      'of one Jaeger search over HTTP: further traces are left out and named in `errors` (version 3: 400); gRPC has no such bound',
    counter: 'none: told in the answer',
  },
  queryGrpcMessageBytes: {
    // Clients take 4 MiB by default. Smaller ones come sooner and wait in less memory.
    value: mebibyte,
    unit: 'bytes',
    atLimit: 'the answer goes on in a further message; a span that is larger alone comes alone',
    counter: 'none: nothing is left out',
  },
  queryGrpcRequestBytes: {
    value: 65_536,
    unit: 'bytes',
    atLimit: 'RESOURCE_EXHAUSTED',
    counter: 'none: no request yet',
  },
  queryGrpcReadMillis: {
    value: 30_000,
    unit: 'milliseconds',
    atLimit: 'a gRPC client that reads nothing of its answer for so long gets DEADLINE_EXCEEDED',
    counter: 'spanwise_query_duration_seconds, status 4',
  },
  liveViews: {
    value: 256,
    unit: 'count',
    atLimit: 'further live views get 503',
    counter: 'spanwise_query_duration_seconds, status 503',
  },
  tailViews: {
    // Each asks storage after every segment.
    value: 16,
    unit: 'count',
    atLimit: 'further live tails get 503',
    counter: 'spanwise_query_duration_seconds, status 503',
  },
  tailResults: {
    value: 200,
    unit: 'count',
    atLimit: 'of the matches of a round of a live tail the newest come, the others are counted',
    counter: 'spanwise_tail_dropped_total',
  },
  tailCounted: {
    value: 10_000,
    unit: 'count',
    atLimit: 'of the matches of a round of a live tail at most so many are counted',
    counter: 'spanwise_tail_dropped_total',
  },
  liveViewBytes: {
    value: mebibyte,
    unit: 'bytes',
    atLimit:
      'waiting for a reader that is too slow: its live view is closed; browsers come back by themselves',
    counter: 'spanwise_live_closed_total',
  },
  spoolBytes: {
    // At 75 bytes a span in ClickHouse and about 400 in the spool: some 25 million spans of engine outage.
    value: 10 * 1024 * mebibyte,
    unit: 'bytes',
    atLimit: 'above 80 % senders are told to wait: 503 with Retry-After, or UNAVAILABLE with RetryInfo',
    counter: 'refused: spool_full',
  },
  spoolDiskReserveBytes: {
    // The engine needs room to merge, or it takes nothing from the spool either. Of a small disk 5 %, if that is less.
    value: 256 * mebibyte,
    unit: 'bytes',
    atLimit: 'when no more is free on the disk, senders are told to wait',
    counter: 'refused: disk_full',
  },
  spoolGroupBytes: {
    // Large enough to pay for its sync, small enough that those who wait behind it don't wait long.
    value: 32 * mebibyte,
    unit: 'bytes',
    atLimit: 'written and synced together; further requests are the next group',
    counter: 'none: nothing is refused',
  },
  spoolSyncMillis: {
    value: 1_000,
    unit: 'milliseconds',
    atLimit: 'with `--fsync interval`, what was acknowledged since is synced',
    counter: 'none: nothing is refused',
  },
  spoolDivideTries: {
    // A bad row in 200,000 takes 36; each try is an insert.
    value: 512,
    unit: 'count',
    atLimit: 'of a segment that the engine refused: rows not yet told apart are set aside together',
    counter: 'spanwise_spool_quarantined_rows_total',
  },
  spoolQuarantineListed: {
    value: 100,
    unit: 'count',
    atLimit: 'of segments with rows set aside, the newest are named by health; all are counted and kept',
    counter: 'spanwise_spool_quarantined_segments',
  },
  spoolTraceIds: {
    value: 1_000,
    unit: 'count',
    atLimit: 'live views hear of the first 1,000 traces of a segment and that there are more',
    counter: 'none: told in the event',
  },
  spoolSegmentBytes: {
    value: 64 * mebibyte,
    unit: 'bytes',
    atLimit: 'the segment is closed and the next one begun',
    counter: 'none: nothing is refused',
  },
  spoolSegmentRows: {
    value: 200_000,
    unit: 'count',
    atLimit: 'the segment is closed and the next one begun',
    counter: 'none: nothing is refused',
  },
  spoolSegmentMillis: {
    // A person waits for the trace; each segment costs the engine a part to merge.
    value: 200,
    unit: 'milliseconds',
    atLimit: 'the segment is closed and stored, unless another one is being stored',
    counter: 'none: nothing is refused',
  },
  repeatMillis: {
    value: 15 * 60_000,
    unit: 'milliseconds',
    atLimit: 'a request that is sent again later is stored again',
    counter: 'none: not recognised',
  },
  repeatEntries: {
    // 40 bytes each.
    value: 200_000,
    unit: 'count',
    atLimit: 'the oldest requests are forgotten first; one that is sent again is stored again',
    counter: 'none: not recognised',
  },
  liveHistory: {
    // A quarter of an hour of segments at the quickest; 8 KiB each at most.
    value: 1_000,
    unit: 'count',
    atLimit: 'a live view that comes back later is told that it missed something, and asks anew',
    counter: 'none: nothing is refused',
  },
  logLineBytes: {
    // One answer is parsed between two others.
    value: 4 * mebibyte,
    unit: 'bytes',
    atLimit: 'of one request with log lines, after decompression: 413; send fewer lines at once',
    counter: 'refused: request_too_large',
  },
  transformBytes: {
    // Read and answered between two others: about a second.
    value: 8 * mebibyte,
    unit: 'bytes',
    atLimit: 'of one file that `/api/transform` is asked to translate: 413',
    counter: 'spanwise_query_duration_seconds, status 413',
  },
  samplingFileBytes: {
    value: mebibyte,
    unit: 'bytes',
    atLimit: 'of the file of --sampling-file: the start is refused; later, the last good one stays',
    counter: 'none: one line in the log',
  },
  pricesFileBytes: {
    value: mebibyte,
    unit: 'bytes',
    atLimit: 'of the file of --prices: the start is refused',
    counter: 'none: the error says it',
  },
  logResults: {
    value: 1_000,
    unit: 'count',
    atLimit: 'of one page of log records: 400',
    counter: 'spanwise_query_duration_seconds, status 400',
  },
} as const satisfies Record<string, Limit>;
