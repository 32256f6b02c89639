/** Something about how a service sends its telemetry that somebody should change. */
export interface InstrumentationNote {
  readonly service: string;
  readonly what: InstrumentationFlaw;
  /** Which one of its kind: a key, a part of the span, a correction. Empty where there is one kind. */
  readonly detail: string;
  /** Spans or records; of `content`, values. */
  readonly count: number;
  /** Hex digits of one of them; empty: of none. */
  readonly traceId: string;
}

export const instrumentationFlaws = [
  // Seen when spans and records come in.
  'resource_missing',
  'content',
  'old_key',
  'dropped_by_sdk',
  'over_limit',
  'corrected',
  // Seen when a trace is settled.
  'broken_parent',
  'clock_skew',
  'repeated_span_id',
] as const;
export type InstrumentationFlaw = (typeof instrumentationFlaws)[number];
