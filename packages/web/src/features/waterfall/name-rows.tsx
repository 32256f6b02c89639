import { parentMissing } from '@spanwise/model';
import { NameRow } from './name-row.tsx';
import type { WaterfallProps } from './waterfall.tsx';

export interface NameRowsProps
  extends Pick<
    WaterfallProps,
    'columns' | 'treeRows' | 'slots' | 'path' | 'matches' | 'activeRow' | 'openRow'
  > {
  readonly firstPlace: number;
  readonly count: number;
}

/** The rows on screen, in flow; a row that stays on screen keeps its node and is not rendered again. */
export function NameRows({
  columns,
  treeRows,
  slots,
  path,
  matches,
  activeRow,
  openRow,
  firstPlace,
  count,
}: NameRowsProps) {
  const { tree, rows, collapsed } = treeRows;
  return Array.from(rows.subarray(firstPlace, firstPlace + count), (row, index) => {
    const parent = tree.parent[row]!;
    const serviceIndex = columns.serviceIndex[row]!;
    return (
      <NameRow
        key={row}
        columns={columns}
        row={row}
        place={firstPlace + index}
        depth={tree.depth[row]!}
        descendantCount={tree.subtreeCount[row]! - 1}
        isCollapsed={collapsed.has(row)}
        isActive={row === activeRow}
        isOpen={row === openRow}
        isMatch={matches?.[row] === 1}
        isOnPath={path !== undefined && path.first[row]! < path.first[row + 1]!}
        isOrphan={columns.parentRow[row] === parentMissing}
        showsService={parent === -1 || columns.serviceIndex[parent] !== serviceIndex}
        slot={slots[serviceIndex]!}
      />
    );
  });
}
