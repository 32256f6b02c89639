export { describeTrace } from './describe-trace.ts';
export { type DrawingOptions, drawTrace } from './draw-trace.ts';
export { spanIdOfName } from './drawn-ids.ts';
export { filterArbitrary, filterTracesArbitrary } from './filter-arbitraries.ts';
export { type LargeTraceOptions, largeTrace } from './large-trace.ts';
export { rootedTraceArbitrary, traceArbitrary } from './trace-arbitraries.ts';
