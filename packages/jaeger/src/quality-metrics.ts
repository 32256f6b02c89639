import {
  parentMissing,
  parentNone,
  type SpanId,
  spanKinds,
  type TraceColumns,
  type TraceId,
} from '@spanwise/model';

/** A trace, and the rows whose clock disagrees with their caller's. */
export interface JudgedTrace {
  readonly columns: TraceColumns;
  readonly skewedRows: readonly number[];
}

/** Answer of `GET /api/quality-metrics`. (jaegertracing/jaeger, commit 8498073f, qualitymetrics/data_types.go.) */
export interface JaegerQualityMetrics {
  readonly traceQualityDocumentationLink: string;
  readonly bannerText: { readonly value: string };
  readonly scores: readonly {
    readonly key: string;
    readonly label: string;
    readonly max: number;
    readonly value: number;
  }[];
  readonly metrics: readonly JaegerQualityMetric[];
}

export interface JaegerQualityMetric {
  readonly name: string;
  /** Key of a score. */
  readonly category: string;
  readonly description: string;
  readonly metricDocumentationLink: string;
  /** Among the metrics of its score. */
  readonly metricWeight: number;
  readonly passCount: number;
  readonly passExamples: readonly QualityExample[];
  readonly failureCount: number;
  readonly failureExamples: readonly QualityExample[];
}

export interface QualityExample {
  readonly traceID: TraceId;
  readonly spanIDs: readonly SpanId[];
}

/** Traces named for each side of a metric. */
const maxExamples = 5;
const docs = 'https://opentelemetry.io/docs/concepts';

interface Check {
  readonly name: string;
  readonly category: 'completeness' | 'quality';
  readonly description: string;
  readonly link: string;
  /** Counted once a trace that has the service, not for each of its spans. */
  readonly ofTrace?: true;
  readonly passes: (trace: JudgedTrace) => (row: number) => boolean;
}

/** What is asked of each span of the service. */
const checks: readonly Check[] = [
  {
    name: 'The trace has a root',
    category: 'completeness',
    description: 'Some span of the trace has no parent: its beginning is known.',
    link: `${docs}/signals/traces/#spans`,
    ofTrace: true,
    passes: ({ columns }) => {
      const hasRoot = columns.parentRow.includes(parentNone);
      return () => hasRoot;
    },
  },
  {
    name: 'The parent is there',
    category: 'completeness',
    description: 'The span has no parent, or one that was sent too.',
    link: `${docs}/context-propagation/`,
    passes:
      ({ columns }) =>
      (row) =>
        columns.parentRow[row] !== parentMissing,
  },
  {
    name: 'The id is unique',
    category: 'quality',
    description: 'No other span of the trace has the same id.',
    link: `${docs}/signals/traces/#span-context`,
    passes: ({ columns }) => {
      const seen = new Set<SpanId>();
      const repeated = new Set<SpanId>();
      for (const id of columns.spanIds) (seen.has(id) ? repeated : seen).add(id);
      return (row) => !repeated.has(columns.spanIds[row]!);
    },
  },
  {
    name: 'The clock agrees',
    category: 'quality',
    description: "The span does not begin before its caller's, nor after it has ended.",
    link: `${docs}/signals/traces/#spans`,
    passes: ({ skewedRows }) => {
      const skewed = new Set(skewedRows);
      return (row) => !skewed.has(row);
    },
  },
  {
    name: 'The kind is said',
    category: 'quality',
    description: 'The span says whether it is a server, a client, a producer, a consumer or internal.',
    link: `${docs}/signals/traces/#span-kind`,
    passes:
      ({ columns }) =>
      (row) =>
        columns.kind[row] !== spanKinds.unspecified,
  },
];

const scoreLabels = { completeness: 'Completeness of traces', quality: 'Quality of spans' } as const;

/**
 * Judges the spans of a service in these traces. A score is the mean of its metrics, in percent, rounded down so that
 * only what has no failure is 100. Without a span of the service there are no metrics. Cost: O(spans).
 */
export function toJaegerQualityMetrics(
  traces: readonly JudgedTrace[],
  service: string,
  lookbackHours: number,
): JaegerQualityMetrics {
  const metrics = checks.map((check) => judge(check, traces, service));
  const isEmpty = metrics.every(({ passCount, failureCount }) => passCount + failureCount === 0);
  const count = traces.length;
  const when = `of the last ${lookbackHours} hour${lookbackHours === 1 ? '' : 's'}`;
  return {
    traceQualityDocumentationLink: `${docs}/instrumentation/`,
    bannerText: {
      value: isEmpty
        ? `No span of ${service} ${when}.`
        : `Of the newest ${count === 1 ? 'trace' : `${count} traces`} ${when}.`,
    },
    scores: isEmpty ? [] : Object.entries(scoreLabels).map(([key, label]) => scoreOf(key, label, metrics)),
    metrics: isEmpty ? [] : metrics,
  };
}

function judge(check: Check, traces: readonly JudgedTrace[], service: string): JaegerQualityMetric {
  const counts = { passed: 0, failed: 0 };
  const examples = { passed: [] as QualityExample[], failed: [] as QualityExample[] };
  for (const trace of traces) {
    const { columns } = trace;
    const wanted = columns.services.indexOf(service);
    const passes = check.passes(trace);
    const spanIds = { passed: [] as SpanId[], failed: [] as SpanId[] };
    for (let row = 0; row < columns.spanCount; row++) {
      if (columns.serviceIndex[row] !== wanted) continue;
      const side = passes(row) ? 'passed' : 'failed';
      counts[side] += 1;
      if (spanIds[side].length < maxExamples) spanIds[side].push(columns.spanIds[row]!);
      if (check.ofTrace) break;
    }
    for (const side of ['passed', 'failed'] as const) {
      if (spanIds[side].length === 0 || examples[side].length >= maxExamples) continue;
      examples[side].push({ traceID: columns.traceId, spanIDs: spanIds[side] });
    }
  }
  const inCategory = checks.filter(({ category }) => category === check.category).length;
  return {
    name: check.name,
    category: check.category,
    description: check.description,
    metricDocumentationLink: check.link,
    metricWeight: 1 / inCategory,
    passCount: counts.passed,
    passExamples: examples.passed,
    failureCount: counts.failed,
    failureExamples: examples.failed,
  };
}

function scoreOf(key: string, label: string, metrics: readonly JaegerQualityMetric[]) {
  const shares = metrics
    .filter(({ category }) => category === key)
    .map(({ passCount, failureCount }) => passCount / (passCount + failureCount));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return { key, label, max: 100, value: Math.floor(mean * 100) };
}
