import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { analysisQuery } from '../../api/queries.ts';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { buildPathIndex } from '../../canvas/path-index.ts';
import { scrollTopShowing } from '../../canvas/row-geometry.ts';
import type { TraceState } from '../../state/trace-url.ts';
import { HelpDialog } from '../../ui/help-dialog.tsx';
import { LogTable } from '../logs/log-table.tsx';
import { SpanPanel } from '../span-panel/span-panel.tsx';
import { shortcuts } from '../waterfall/key-action.ts';
import { useTreeRows } from '../waterfall/use-tree-rows.ts';
import { Waterfall } from '../waterfall/waterfall.tsx';
import { AnswerBox } from './answer-box.tsx';
import { TraceToolbar } from './trace-toolbar.tsx';
import { useArrivals } from './use-arrivals.ts';
import { useFind } from './use-find.ts';
import { useRange } from './use-range.ts';
import type { LoadedTrace } from './use-trace.ts';
import { useTraceActions } from './use-trace-actions.ts';
import { useTraceKeys } from './use-trace-keys.ts';

export interface TraceViewProps {
  readonly trace: LoadedTrace;
  readonly state: TraceState;
}

/** The page of a trace that is there: answer, waterfall or logs, and the open span beside it. */
export function TraceView({ trace, state }: TraceViewProps) {
  const { columns, version } = trace;
  const navigate = useNavigate();
  const slotOf = useServiceSlots();
  const slots = useMemo(() => Int32Array.from(columns.services, slotOf), [columns, slotOf]);
  const treeRows = useTreeRows(columns);
  const analysisReply = useQuery(analysisQuery(columns.traceId, version));
  const analysis = analysisReply.data?.version === version ? analysisReply.data : undefined;
  const path = useMemo(
    () => (analysis === undefined ? undefined : buildPathIndex(columns.spanCount, analysis.criticalPath)),
    [analysis, columns],
  );
  const { range, isZoomed, setRange, fitAll } = useRange(columns, state);
  const [findText, setFindText] = useState(state.find ?? '');
  const find = useFind(columns, treeRows, findText, state.span);
  const [activeSpan, setActiveSpan] = useState(state.span);
  const arrivedCount = useArrivals(columns.traceId, columns.spanCount);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const findBox = useRef<HTMLInputElement>(null);
  const rowOf = (span: string | undefined) =>
    span === undefined ? -1 : (treeRows.rowOfSpan.get(span) ?? -1);
  const openRow = rowOf(state.span);
  const activeRow = rowOf(activeSpan);
  const view = state.view ?? 'waterfall';

  const change = (next: (last: TraceState) => TraceState, replace = true) =>
    void navigate({ to: '.', search: (last: TraceState) => next(last), replace, resetScroll: false });
  const openSpan = (row: number) => {
    const span = columns.spanIds[row]!;
    setActiveSpan(span);
    // A closed panel opens with an entry in the history; walking on with it open makes none.
    if (state.span !== span) change((last) => ({ ...last, span }), state.span !== undefined);
  };
  const closeSpan = () => change(({ span: _, tab: __, ...rest }) => rest);
  const actions = useTraceActions({
    columns,
    treeRows,
    path,
    range,
    setRange,
    fitAll,
    scroller,
    activeRow,
    isPanelOpen: openRow !== -1,
    setActive: (row) => setActiveSpan(columns.spanIds[row]),
    openSpan,
    closeSpan,
    focusFind: () => findBox.current?.focus(),
    showHelp: () => setHelpOpen(true),
  });
  useTraceKeys(actions.run);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      void navigate({
        to: '.',
        search: ({ find: _, ...rest }: TraceState) => (findText === '' ? rest : { ...rest, find: findText }),
        replace: true,
        resetScroll: false,
      });
    }, 300);
    return () => window.clearTimeout(timer);
  }, [findText, navigate]);
  useRevealActive(activeRow, treeRows, scroller);

  return (
    <>
      <AnswerBox columns={columns} analysis={analysis} isFailed={analysisReply.isError} onSelect={openSpan} />
      <TraceToolbar
        logCount={analysis?.logCount}
        findText={findText}
        onFindText={setFindText}
        findBox={findBox}
        foundCount={find.found?.count}
        foundIndex={find.indexOf(activeRow)}
        onFindStep={(step) => {
          const row = find.next(activeRow, step);
          if (row !== -1) actions.goTo(row);
        }}
        arrivedCount={arrivedCount}
        isZoomed={isZoomed}
        onFitAll={fitAll}
        onCollapseAll={treeRows.collapseAll}
        onHelp={() => setHelpOpen(true)}
      />
      <main className="trace-main" id="spans">
        {view === 'logs' ? (
          <LogTable columns={columns} rowOfSpan={treeRows.rowOfSpan} openSpan={state.span} />
        ) : (
          <Waterfall
            columns={columns}
            treeRows={treeRows}
            slots={slots}
            path={path}
            matches={find.found?.matches}
            activeRow={activeRow}
            openRow={openRow}
            range={range}
            onRange={setRange}
            onSelect={openSpan}
            onToggle={(row) => treeRows.setCollapsed([row], !treeRows.collapsed.has(row))}
            scroller={scroller}
          />
        )}
        {openRow !== -1 && (
          <SpanPanel
            columns={columns}
            tree={treeRows.tree}
            row={openRow}
            version={version}
            tab={state.tab ?? 'attributes'}
            path={path}
            onClose={closeSpan}
          />
        )}
      </main>
      <HelpDialog isOpen={isHelpOpen} onOpenChange={setHelpOpen} shortcuts={shortcuts} />
    </>
  );
}

/** Whoever makes a row active, it comes on screen; what hides it is opened first. */
function useRevealActive(
  activeRow: number,
  treeRows: ReturnType<typeof useTreeRows>,
  scroller: React.RefObject<HTMLDivElement | null>,
): void {
  const shown = useRef(-1);
  useEffect(() => {
    if (activeRow === -1) return;
    if (treeRows.places[activeRow] === -1) {
      // Collapsing a parent hides the active row; only a row that became active just now is brought back.
      if (shown.current !== activeRow) treeRows.reveal(activeRow);
      return;
    }
    const node = scroller.current;
    if (shown.current === activeRow || node === null) return;
    shown.current = activeRow;
    const place = treeRows.places[activeRow]!;
    node.scrollTop = scrollTopShowing(place, node.scrollTop, node.clientHeight, treeRows.rows.length);
  }, [activeRow, treeRows, scroller]);
}
