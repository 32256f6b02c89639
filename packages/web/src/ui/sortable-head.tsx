import type { ReactNode } from 'react';

export interface SortableHeadProps {
  readonly className?: string;
  /** Undefined where the table is in another order. */
  readonly direction: 'asc' | 'desc' | undefined;
  readonly onSort: () => void;
  readonly children: ReactNode;
}

/** The head of a column that a table can be ordered by. */
export function SortableHead({ className, direction, onSort, children }: SortableHeadProps) {
  const sorted = direction === undefined ? 'none' : direction === 'asc' ? 'ascending' : 'descending';
  return (
    <th scope="col" className={className} aria-sort={sorted}>
      <button type="button" className="column-sort" aria-pressed={direction !== undefined} onClick={onSort}>
        {children}
        {direction !== undefined && <span aria-hidden="true">{direction === 'asc' ? ' ↑' : ' ↓'}</span>}
      </button>
    </th>
  );
}
