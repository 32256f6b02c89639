export { addKnown } from './add-known.ts';
export { type AgentGraph, type AgentNode, type AgentUse, agentGraph } from './agent-graph.ts';
export {
  analyseTrace,
  type Bottleneck,
  type ServiceShare,
  type TraceAnalysis,
} from './analyse-trace.ts';
export { buildTraceColumns } from './build-trace-columns.ts';
export { type ClockCorrection, type ClockSkewView, correctClockSkew } from './clock-skew.ts';
export { compareTraces, type StepChange, type StepFigures, type TraceComparison } from './compare-traces.ts';
export { type CriticalPath, criticalPath } from './critical-path.ts';
export {
  compareWithUsual,
  countOf,
  type DurationCounts,
  describeUsual,
  quantile,
  rankOf,
  type Usual,
  usualSamplesMin,
} from './duration-histogram.ts';
export { type ErrorCause, findErrorCause } from './error-cause.ts';
export { type FlameNode, flameGraph } from './flame-graph.ts';
export { formatDuration } from './format-duration.ts';
export { findQueueTimes, type QueueTime } from './queue-times.ts';
export { findRetries, type Retry } from './retries.ts';
export { selfTimes } from './self-time.ts';
export { type ServiceCall, type ServiceGraph, type ServiceNode, serviceGraph } from './service-graph.ts';
export { buildTree, type TraceTree, visibleRows } from './trace-tree.ts';
export { costOfCall, countedModelCalls, countUsage, type Usage } from './usage.ts';
