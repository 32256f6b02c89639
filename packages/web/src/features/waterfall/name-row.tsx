import { statusCodes, type TraceColumns } from '@spanwise/model';
import { type CSSProperties, memo } from 'react';
import { formatCost, formatCount, formatCounted, formatDuration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { spanIcon, spanPill } from './span-kind.ts';

export interface NameRowProps {
  readonly columns: TraceColumns;
  readonly row: number;
  readonly place: number;
  readonly depth: number;
  /** The span itself left out. */
  readonly descendantCount: number;
  readonly isCollapsed: boolean;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  readonly isMatch: boolean;
  readonly isOnPath: boolean;
  readonly isOrphan: boolean;
  /** False where the parent, one row up in the tree, has the same service. */
  readonly showsService: boolean;
  readonly slot: number;
}

/** Depth beyond which a name would have no room left. */
const indentMax = 24;

export const NameRow = memo(function NameRow(props: NameRowProps) {
  const { columns, row, place, depth, descendantCount, isCollapsed } = props;
  const service = columns.services[columns.serviceIndex[row]!]!;
  const name = columns.names[columns.nameIndex[row]!]!;
  const spanId = columns.spanIds[row]!;
  const isError = columns.status[row] === statusCodes.error;
  const pill = spanPill(columns, row);
  const style = { '--depth': Math.min(depth, indentMax) } as CSSProperties;
  const classes = ['name-row'];
  if (props.isActive) classes.push('active');
  if (props.isOpen) classes.push('open');
  if (props.isMatch) classes.push('match');
  return (
    // biome-ignore-start lint/a11y/useSemanticElements: a treegrid of which only a part is in the document cannot be a table
    // biome-ignore-start lint/a11y/useFocusableInteractive: the tree has the focus and names the active row
    <div
      role="row"
      id={`span-row-${row}`}
      className={classes.join(' ')}
      style={style}
      aria-level={depth + 1}
      aria-rowindex={place + 1}
      aria-selected={props.isOpen}
      {...(descendantCount > 0 ? { 'aria-expanded': !isCollapsed } : {})}
    >
      <span role="gridcell" className="name-cell">
        {descendantCount > 0 ? (
          <button
            type="button"
            tabIndex={-1}
            className="twist"
            data-toggle={row}
            aria-label={`${isCollapsed ? 'Expand' : 'Collapse'} ${name}`}
          >
            <Icon name={isCollapsed ? 'right' : 'down'} />
          </button>
        ) : (
          <span className="twist" />
        )}
        <ServiceDot slot={props.slot} />
        <span className="kind-icon">
          <Icon name={spanIcon(columns, row)} />
        </span>
        <a
          className="span-name cut"
          tabIndex={-1}
          draggable={false}
          href={`?span=${spanId}`}
          title={`${service} › ${name}`}
        >
          <span className={props.showsService ? 'dim' : 'visually-hidden'}>{service} </span>
          <span className="operation">{name}</span>
        </a>
        {isError && (
          <span className="error-text error-mark" role="img" aria-label="error">
            <Icon name="error" />
          </span>
        )}
        {pill !== undefined && <span className="pill">{pill}</span>}
        <TokenPill columns={columns} row={row} />
        {props.isOrphan && <span className="pill warning">no parent</span>}
        {isCollapsed && (
          <span className="pill count" title={`${formatCounted(descendantCount, 'span')} hidden`}>
            {formatCount(descendantCount)}
          </span>
        )}
      </span>
      <span role="gridcell" className="visually-hidden">
        {formatDuration(columns.durationsNanos[row]!)}
        {props.isOnPath && ', on the critical path'}
      </span>
    </div>
    // biome-ignore-end lint/a11y/useSemanticElements: as above
    // biome-ignore-end lint/a11y/useFocusableInteractive: as above
  );
});

function TokenPill({ columns, row }: { readonly columns: TraceColumns; readonly row: number }) {
  const [input, output] = [columns.inputTokens[row]!, columns.outputTokens[row]!];
  if (input < 0 && output < 0) return null;
  const cost = columns.cost[row]!;
  return (
    <span
      className="pill tokens"
      title={`${formatCount(input)} input and ${formatCount(output)} output tokens${cost < 0 ? '' : `, ${formatCost(cost)}`}`}
    >
      {formatCount(input)} → {formatCount(output)}
    </span>
  );
}
