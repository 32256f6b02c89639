import { database } from '../tables.ts';
import type { Migration } from './migration.ts';

/** Traces that were settled before have a cost when they are settled again; until then nobody knows it. */
export const costOfTraces: Migration = {
  id: 11,
  name: 'cost of traces',
  statements: [
    // The last one beside `model_usage`, place by place: the type of a column of tuples can't grow.
    `ALTER TABLE ${database}.trace_summary
      ADD COLUMN IF NOT EXISTS cost Float64 DEFAULT -1,
      ADD COLUMN IF NOT EXISTS unpriced_calls UInt32 DEFAULT model_calls,
      ADD COLUMN IF NOT EXISTS model_costs Array(Tuple(Float64, UInt32))
        DEFAULT arrayMap(used -> (-1., used.3), model_usage)`,
  ],
};
