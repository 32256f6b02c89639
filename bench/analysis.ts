import { cpus } from 'node:os';
import {
  agentGraph,
  analyseTrace,
  buildTree,
  compareTraces,
  correctClockSkew,
  findQueueTimes,
  findRetries,
  flameGraph,
  serviceGraph,
} from '../packages/analysis/src/index.ts';
import { largeTrace } from '../packages/testing/src/index.ts';

/**
 * How long each view of a trace takes, median of five runs after one for warming up.
 * `node bench/analysis.ts [spans …]`.
 */
const sizes = process.argv.slice(2).map(Number);

const rows: Record<string, string>[] = [];
for (const spanCount of sizes.length > 0 ? sizes : [100_000, 1_000_000]) {
  const columns = largeTrace(spanCount);
  const other = largeTrace(spanCount, { seed: 2 });
  const tree = buildTree(columns);
  const views = {
    'tree, critical path, shares, usage': () => analyseTrace(columns),
    'retries, queue times, clock skew': () => {
      findRetries(columns, tree);
      findQueueTimes(columns, tree);
      return correctClockSkew(columns, tree);
    },
    'flame graph': () => flameGraph(columns, tree),
    'service and agent graph': () => {
      serviceGraph(columns, tree);
      return agentGraph(columns, tree);
    },
    'comparison with another': () => compareTraces(columns, other),
  };
  for (const [view, run] of Object.entries(views)) {
    rows.push({ view, spans: String(spanCount), 'median ms': median(run).toFixed(0) });
  }
}
console.log(`node ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores`);
console.table(rows);

function median(run: () => unknown): number {
  run();
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return times[2]!;
}
