import { Link } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { formatCount, formatCounted } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

export interface TraceToolbarProps {
  readonly logCount: number | undefined;
  readonly findText: string;
  readonly onFindText: (text: string) => void;
  readonly findBox: RefObject<HTMLInputElement | null>;
  /** Undefined while nothing is looked for. */
  readonly foundCount: number | undefined;
  /** From 1; 0 while the open span is none of them. */
  readonly foundIndex: number;
  readonly onFindStep: (step: 1 | -1) => void;
  /** Spans that came late, and have just been put in. */
  readonly arrivedCount: number;
  readonly isZoomed: boolean;
  readonly onFitAll: () => void;
  readonly onCollapseAll: (isCollapsed: boolean) => void;
  readonly onHelp: () => void;
}

export function TraceToolbar(props: TraceToolbarProps) {
  const { foundCount, onFindStep } = props;
  return (
    <div className="trace-toolbar">
      <nav className="views" aria-label="Views">
        <Link
          to="."
          search={({ view: _, ...rest }) => rest}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          Waterfall
        </Link>
        <Link
          to="."
          search={(last) => ({ ...last, view: 'logs' })}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          Logs {props.logCount !== undefined && <span className="dim">{formatCount(props.logCount)}</span>}
        </Link>
      </nav>
      <search className="find">
        <Icon name="find" />
        <input
          ref={props.findBox}
          className="input"
          aria-label="Find spans"
          placeholder="Find: name, service, model, id   /"
          spellCheck={false}
          value={props.findText}
          onChange={(event) => props.onFindText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onFindStep(event.shiftKey ? -1 : 1);
            if (event.key === 'Escape') {
              props.onFindText('');
              event.currentTarget.blur();
            }
          }}
        />
        <output className="find-count number dim">
          {foundCount !== undefined &&
            `${props.foundIndex > 0 ? `${formatCount(props.foundIndex)} of ` : ''}${formatCount(foundCount)}`}
        </output>
        <button
          type="button"
          className="icon-button small"
          aria-label="Previous match"
          disabled={!foundCount}
          onClick={() => onFindStep(-1)}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          className="icon-button small"
          aria-label="Next match"
          disabled={!foundCount}
          onClick={() => onFindStep(1)}
        >
          <Icon name="down" />
        </button>
      </search>
      <div className="toolbar-end">
        <span role="status" className="dim">
          {props.arrivedCount > 0 && `${formatCounted(props.arrivedCount, 'late span')} put in`}
        </span>
        {props.isZoomed && (
          <button type="button" className="sort" onClick={props.onFitAll}>
            Fit all
          </button>
        )}
        <button type="button" className="sort" onClick={() => props.onCollapseAll(true)}>
          Collapse
        </button>
        <button type="button" className="sort" onClick={() => props.onCollapseAll(false)}>
          Expand
        </button>
        <button type="button" className="icon-button" aria-label="Keyboard help" onClick={props.onHelp}>
          <Icon name="help" />
        </button>
      </div>
    </div>
  );
}
