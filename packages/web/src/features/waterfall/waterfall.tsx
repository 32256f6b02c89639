import type { TraceColumns } from '@spanwise/model';
import { type CSSProperties, type RefObject, useLayoutEffect, useMemo, useRef } from 'react';
import type { PathIndex } from '../../canvas/path-index.ts';
import { rowHeight } from '../../canvas/row-geometry.ts';
import { type TimeRange, TimeScale } from '../../canvas/time-scale.ts';
import { usePalette } from '../../canvas/use-palette.ts';
import { setPreferences, usePreferences } from '../../state/preferences.ts';
import { formatCounted } from '../../ui/format.ts';
import { Splitter } from '../../ui/splitter.tsx';
import { useSize } from '../../ui/use-size.ts';
import { Minimap } from './minimap.tsx';
import { NameRows } from './name-rows.tsx';
import { Ruler } from './ruler.tsx';
import { useHover } from './use-hover.ts';
import { useRowWindow } from './use-row-window.ts';
import type { TreeRows } from './use-tree-rows.ts';
import { useWheelZoom } from './use-wheel-zoom.ts';

export interface WaterfallProps {
  readonly columns: TraceColumns;
  readonly treeRows: TreeRows;
  readonly slots: Int32Array;
  readonly path: PathIndex | undefined;
  readonly matches: Uint8Array | undefined;
  /** Row that the keyboard is on; -1 for none. */
  readonly activeRow: number;
  /** Row in the side panel; -1 for none. */
  readonly openRow: number;
  readonly range: TimeRange;
  readonly onRange: (range: TimeRange) => void;
  readonly onSelect: (row: number) => void;
  readonly onToggle: (row: number) => void;
  readonly scroller: RefObject<HTMLDivElement | null>;
}

/** Bars on a canvas, names as DOM rows; of both only what the viewport shows. See the README of this package. */
export function Waterfall(props: WaterfallProps) {
  const { columns, treeRows, scroller, range, onRange } = props;
  const { nameShare } = usePreferences();
  const palette = usePalette();
  const canvas = useRef<HTMLCanvasElement>(null);
  const names = useRef<HTMLDivElement>(null);
  const size = useSize(scroller);
  const nameWidth = Math.round(size.width * nameShare);
  const barsWidth = Math.max(1, size.width - nameWidth);
  const scale = useMemo(() => new TimeScale(range, barsWidth), [range, barsWidth]);
  const hover = useHover(scale, nameWidth, treeRows.rows.length);
  const firstPlace = useRowWindow({ ...props, canvas, names, size, scale, palette, onFrame: hover.update });
  useWheelZoom(scroller, nameWidth, scale, columns.durationNanos, onRange);
  useAnchor(props);

  const placeOfEvent = (clientY: number) => {
    const node = scroller.current!;
    return Math.floor((clientY - node.getBoundingClientRect().top + node.scrollTop) / rowHeight);
  };
  const style = { '--name-width': `${nameWidth}px` } as CSSProperties;
  const isActiveShown = props.activeRow !== -1 && treeRows.places[props.activeRow] !== -1;
  return (
    <section className="waterfall" style={style} aria-label="Waterfall">
      <div className="waterfall-head">
        <div className="name-head dim">{formatCounted(treeRows.rows.length, 'row')}</div>
        <div className="time-head">
          <Minimap
            columns={columns}
            tree={treeRows.tree}
            slots={props.slots}
            matches={props.matches}
            palette={palette}
            range={range}
            onRange={onRange}
          />
          <Ruler scale={scale} traceNanos={columns.durationNanos} onRange={onRange} hoverTime={hover.time} />
        </div>
      </div>
      <div
        ref={scroller}
        className="waterfall-scroller"
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={treeRows.rows.length}
        tabIndex={0}
        {...(isActiveShown ? { 'aria-activedescendant': `span-row-${props.activeRow}` } : {})}
        onPointerMove={hover.onPointerMove}
        onPointerLeave={hover.onPointerLeave}
        onClick={(event) => {
          const row = treeRows.rows[placeOfEvent(event.clientY)];
          if (row === undefined || event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          const isToggle = (event.target as Element).closest('[data-toggle]') !== null;
          if (isToggle) props.onToggle(row);
          else props.onSelect(row);
        }}
        onDoubleClick={(event) => {
          const row = treeRows.rows[placeOfEvent(event.clientY)];
          if (row !== undefined) props.onToggle(row);
        }}
        onKeyDown={() => undefined}
      >
        <div role="presentation" style={{ height: treeRows.rows.length * rowHeight, minHeight: size.height }}>
          <div role="presentation" className="waterfall-window" style={{ height: size.height }}>
            <div ref={hover.band} className="hover-band" hidden />
            {/* biome-ignore lint/a11y/useSemanticElements: a treegrid of which only a part is in the document cannot be a table */}
            <div ref={names} className="names" role="rowgroup">
              <NameRows {...props} firstPlace={firstPlace} count={Math.ceil(size.height / rowHeight) + 1} />
            </div>
            <canvas
              ref={canvas}
              className="bars"
              style={{ width: barsWidth, height: size.height }}
              tabIndex={-1}
              aria-hidden="true"
            />
            <div ref={hover.line} className="hair-line" hidden />
          </div>
        </div>
      </div>
      <Splitter
        className="name-splitter"
        label="Width of the names"
        value={nameShare}
        min={0.1}
        max={0.8}
        step={0.02}
        toValue={(clientX) => {
          const box = scroller.current!.getBoundingClientRect();
          return (clientX - box.left) / box.width;
        }}
        onChange={(share) => setPreferences({ nameShare: share })}
      />
    </section>
  );
}

/** Late spans change the rows above; the first row on screen stays where it is. */
function useAnchor({ columns, treeRows, scroller }: WaterfallProps): void {
  const last = useRef({ columns, rows: treeRows.rows });
  useLayoutEffect(() => {
    const { columns: before, rows } = last.current;
    last.current = { columns, rows: treeRows.rows };
    const node = scroller.current;
    if (before === columns || node === null || node.scrollTop === 0) return;
    const anchor = rows[Math.floor(node.scrollTop / rowHeight)];
    const now = anchor === undefined ? undefined : treeRows.rowOfSpan.get(before.spanIds[anchor]!);
    const place = now === undefined ? -1 : treeRows.places[now]!;
    if (place >= 0) node.scrollTop = place * rowHeight + (node.scrollTop % rowHeight);
  }, [columns, treeRows, scroller]);
}
