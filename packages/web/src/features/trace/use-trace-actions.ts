import { statusCodes, type TraceColumns } from '@spanwise/model';
import type { RefObject } from 'react';
import type { PathIndex } from '../../canvas/path-index.ts';
import { rowHeight } from '../../canvas/row-geometry.ts';
import { clampRange, panRange, type TimeRange, zoomRange } from '../../canvas/time-scale.ts';
import { nextRow } from '../waterfall/find-rows.ts';
import type { KeyAction } from '../waterfall/key-action.ts';
import type { TreeRows } from '../waterfall/use-tree-rows.ts';

export interface TraceActionsInput {
  readonly columns: TraceColumns;
  readonly treeRows: TreeRows;
  readonly path: PathIndex | undefined;
  readonly range: TimeRange;
  readonly setRange: (range: TimeRange) => void;
  readonly fitAll: () => void;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly activeRow: number;
  readonly isPanelOpen: boolean;
  readonly setActive: (row: number) => void;
  readonly openSpan: (row: number) => void;
  readonly closeSpan: () => void;
  readonly focusFind: () => void;
  readonly showHelp: () => void;
}

/** What the keys do. */
export function useTraceActions(input: TraceActionsInput) {
  const { columns, treeRows, path, range, setRange, activeRow } = input;
  const { tree, rows, places, collapsed, setCollapsed } = treeRows;
  const traceNanos = columns.durationNanos;

  /** With the panel open it follows; closed, only the cursor moves. */
  const goTo = (row: number) => {
    treeRows.reveal(row);
    if (input.isPanelOpen) input.openSpan(row);
    else input.setActive(row);
  };
  const move = (by: number) => {
    if (rows.length === 0) return;
    const from = activeRow === -1 ? (by > 0 ? -1 : rows.length) : Math.max(0, places[activeRow]!);
    goTo(rows[Math.min(rows.length - 1, Math.max(0, from + by))]!);
  };
  const page = Math.max(1, Math.floor((input.scroller.current?.clientHeight ?? 240) / rowHeight) - 1);
  const middle = (range.startNanos + range.endNanos) / 2;
  const length = range.endNanos - range.startNanos;
  const goToNext = (isWanted: (row: number) => boolean) => {
    const row = nextRow(tree.order, tree.position, activeRow, 1, isWanted);
    if (row !== -1) goTo(row);
  };

  const handlers: Record<KeyAction, () => void> = {
    up: () => move(-1),
    down: () => move(1),
    pageUp: () => move(-page),
    pageDown: () => move(page),
    first: () => move(-rows.length),
    last: () => move(rows.length),
    closeOrParent: () => {
      if (activeRow === -1) return;
      const isOpen = tree.firstChild[activeRow] !== -1 && !collapsed.has(activeRow);
      if (isOpen) setCollapsed([activeRow], true);
      else if (tree.parent[activeRow] !== -1) goTo(tree.parent[activeRow]!);
    },
    openOrChild: () => {
      if (activeRow === -1) move(1);
      else if (collapsed.has(activeRow)) setCollapsed([activeRow], false);
      else if (tree.firstChild[activeRow] !== -1) goTo(tree.firstChild[activeRow]!);
    },
    openPanel: () => {
      if (activeRow !== -1) input.openSpan(activeRow);
    },
    closePanel: () => {
      if (input.isPanelOpen) input.closeSpan();
    },
    fitSpan: () => {
      if (activeRow === -1) return;
      const start = columns.startNanos[activeRow]!;
      const duration = columns.durationsNanos[activeRow]!;
      // A little air, and room for the label.
      setRange(
        clampRange({ startNanos: start - duration * 0.05, endNanos: start + duration * 1.15 }, traceNanos),
      );
    },
    fitAll: input.fitAll,
    find: input.focusFind,
    nextOnPath: () => {
      if (path !== undefined) goToNext((row) => path.first[row]! < path.first[row + 1]!);
    },
    nextError: () => goToNext((row) => columns.status[row] === statusCodes.error),
    collapseAll: () => treeRows.collapseAll(true),
    expandAll: () => treeRows.collapseAll(false),
    zoomIn: () => setRange(zoomRange(range, 0.5, middle, traceNanos)),
    zoomOut: () => setRange(zoomRange(range, 2, middle, traceNanos)),
    panLeft: () => setRange(panRange(range, -length / 4, traceNanos)),
    panRight: () => setRange(panRange(range, length / 4, traceNanos)),
    help: input.showHelp,
  };
  return { run: (action: KeyAction) => handlers[action](), goTo };
}
