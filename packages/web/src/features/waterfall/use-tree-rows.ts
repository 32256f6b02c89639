import { buildTree, type TraceTree, visibleRows } from '@spanwise/analysis';
import type { TraceColumns } from '@spanwise/model';
import { useCallback, useMemo, useState } from 'react';

export interface TreeRows {
  readonly tree: TraceTree;
  /** Shown rows in display order. */
  readonly rows: Int32Array;
  /** Place in `rows` of each row; -1 while an ancestor is collapsed. */
  readonly places: Int32Array;
  readonly collapsed: ReadonlySet<number>;
  readonly rowOfSpan: ReadonlyMap<string, number>;
  readonly setCollapsed: (rows: readonly number[], isCollapsed: boolean) => void;
  readonly collapseAll: (isCollapsed: boolean) => void;
  /** Opens whatever hides a row. */
  readonly reveal: (row: number) => void;
}

/** The tree with what is collapsed in it. Collapsed spans are kept by id, so that late spans change nothing. */
export function useTreeRows(columns: TraceColumns): TreeRows {
  const [collapsedIds, setCollapsedIds] = useState<ReadonlySet<string>>(new Set());
  const tree = useMemo(() => buildTree(columns), [columns]);
  const rowOfSpan = useMemo(() => {
    const rows = new Map<string, number>();
    // The first of spans with one id, as everywhere.
    for (let row = columns.spanCount - 1; row >= 0; row--) rows.set(columns.spanIds[row]!, row);
    return rows;
  }, [columns]);
  const collapsed = useMemo(() => {
    const rows = new Set<number>();
    for (const id of collapsedIds) {
      const row = rowOfSpan.get(id);
      if (row !== undefined) rows.add(row);
    }
    return rows;
  }, [collapsedIds, rowOfSpan]);
  const rows = useMemo(() => visibleRows(tree, collapsed), [tree, collapsed]);
  const places = useMemo(() => {
    const places = new Int32Array(columns.spanCount).fill(-1);
    for (let place = 0; place < rows.length; place++) places[rows[place]!] = place;
    return places;
  }, [rows, columns]);

  const setCollapsed = useCallback(
    (changed: readonly number[], isCollapsed: boolean) => {
      setCollapsedIds((last) => {
        const next = new Set(last);
        for (const row of changed) {
          if (isCollapsed) next.add(columns.spanIds[row]!);
          else next.delete(columns.spanIds[row]!);
        }
        return next;
      });
    },
    [columns],
  );
  const collapseAll = useCallback(
    (isCollapsed: boolean) => {
      const withChildren = isCollapsed ? tree.order.filter((row) => tree.firstChild[row] !== -1) : [];
      setCollapsedIds(new Set(Array.from(withChildren, (row) => columns.spanIds[row]!)));
    },
    [columns, tree],
  );
  const reveal = useCallback(
    (row: number) => {
      const hiding: number[] = [];
      for (let above = tree.parent[row]!; above !== -1; above = tree.parent[above]!) hiding.push(above);
      if (hiding.some((above) => collapsed.has(above))) setCollapsed(hiding, false);
    },
    [tree, collapsed, setCollapsed],
  );
  return { tree, rows, places, collapsed, rowOfSpan, setCollapsed, collapseAll, reveal };
}
