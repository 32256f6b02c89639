import type { SpansResponse } from '@spanwise/api';
import type { TraceColumns } from '@spanwise/model';
import { useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useMemo } from 'react';
import { formatValue } from '../span-panel/format-value.ts';
import { type Found, findRows, nextRow } from '../waterfall/find-rows.ts';
import type { TreeRows } from '../waterfall/use-tree-rows.ts';

export interface Find {
  readonly found: Found | undefined;
  /** From 1, in display order; 0 while `row` is no match. */
  readonly indexOf: (row: number) => number;
  readonly next: (from: number, step: 1 | -1) => number;
}

/** Matches of the find box: in the skeleton, and in the attributes of spans that were opened. */
export function useFind(
  columns: TraceColumns,
  { tree }: TreeRows,
  text: string,
  openSpan: string | undefined,
): Find {
  const client = useQueryClient();
  const deferred = useDeferredValue(text);
  // biome-ignore lint/correctness/useExhaustiveDependencies: opening a span is what brings new attributes
  const found = useMemo(() => {
    const details = new Map<string, string>();
    for (const [, reply] of client.getQueriesData<SpansResponse>({ queryKey: ['span', columns.traceId] })) {
      for (const span of reply?.spans ?? []) {
        const words = span.attributes.map(({ key, value }) => `${key}=${formatValue(value)}`);
        details.set(span.spanId, words.join('\n').toLowerCase());
      }
    }
    return findRows(columns, deferred, details);
  }, [client, columns, deferred, openSpan]);
  return useMemo(
    () => ({
      found,
      indexOf: (row) => {
        if (found === undefined || row === -1 || found.matches[row] !== 1) return 0;
        let index = 0;
        for (let place = 0; place <= tree.position[row]!; place++)
          index += found.matches[tree.order[place]!]!;
        return index;
      },
      next: (from, step) =>
        found === undefined || found.count === 0
          ? -1
          : nextRow(tree.order, tree.position, from, step, (row) => found.matches[row] === 1),
    }),
    [found, tree],
  );
}
