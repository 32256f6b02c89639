/**
 * Jaeger's legacy JSON, as its UI and `/api/*` have it. The names are Jaeger's. Times and durations are
 * microseconds. (jaegertracing/jaeger, internal/uimodel/model.go, v2.20.)
 */
export interface JaegerTrace {
  /** 32 hex digits, or 16 when the upper half is zero. */
  readonly traceID: string;
  readonly spans: readonly JaegerSpan[];
  /** By `p1`, `p2`, … in the order in which the spans name them. */
  readonly processes: Readonly<Record<string, JaegerProcess>>;
  readonly warnings: readonly string[] | null;
}

export interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  /** Left out when zero. */
  readonly flags?: number;
  readonly operationName: string;
  readonly references: readonly JaegerReference[];
  /** Since the Unix epoch. */
  readonly startTime: number;
  readonly duration: number;
  readonly tags: readonly JaegerTag[];
  readonly logs: readonly JaegerLog[];
  readonly processID: string;
  readonly warnings: readonly string[] | null;
}

export interface JaegerReference {
  readonly refType: 'CHILD_OF' | 'FOLLOWS_FROM';
  readonly traceID: string;
  readonly spanID: string;
}

export type JaegerTag =
  | { readonly key: string; readonly type: 'string'; readonly value: string }
  | { readonly key: string; readonly type: 'bool'; readonly value: boolean }
  /** A decimal string beyond ±(2^53 − 1). */
  | { readonly key: string; readonly type: 'int64'; readonly value: number | string }
  /** `NaN`, `Infinity` and `-Infinity` are strings: JSON has no other form for them. */
  | { readonly key: string; readonly type: 'float64'; readonly value: number | string }
  /** Base64. */
  | { readonly key: string; readonly type: 'binary'; readonly value: string };

export interface JaegerLog {
  readonly timestamp: number;
  readonly fields: readonly JaegerTag[];
}

export interface JaegerProcess {
  readonly serviceName: string;
  readonly tags: readonly JaegerTag[];
}

/** An entry of `GET /api/operations`. `spanKind` is empty where the span named none. */
export interface JaegerOperation {
  readonly name: string;
  readonly spanKind: string;
}
