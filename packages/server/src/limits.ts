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
    atLimit: 'the attribute or body becomes empty; warning on the row',
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
} as const satisfies Record<string, Limit>;
