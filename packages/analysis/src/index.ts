export {
  analyseTrace,
  type Bottleneck,
  type ServiceShare,
  type TraceAnalysis,
} from './analyse-trace.ts';
export { buildTraceColumns } from './build-trace-columns.ts';
export { type CriticalPath, criticalPath } from './critical-path.ts';
export { formatDuration } from './format-duration.ts';
export { buildTree, type TraceTree, visibleRows } from './trace-tree.ts';
export type { Usage } from './usage.ts';
