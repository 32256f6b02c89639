import { Tabs } from '@base-ui/react/tabs';
import type { TraceTree } from '@spanwise/analysis';
import type { SpanDto } from '@spanwise/api';
import { type TraceColumns, unixMillisFromNano } from '@spanwise/model';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { logsQuery, spanQuery } from '../../api/queries.ts';
import type { PathIndex } from '../../canvas/path-index.ts';
import { setPreferences, usePreferences } from '../../state/preferences.ts';
import { type PanelTab, panelTabs, type TraceState } from '../../state/trace-url.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { formatDuration, formatTime } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Splitter } from '../../ui/splitter.tsx';
import { LogLines } from '../logs/log-lines.tsx';
import { selfNanos } from './self-time.ts';
import { AttributesSection, EventsSection, LinksSection, RawSection } from './span-sections.tsx';

export interface SpanPanelProps {
  readonly columns: TraceColumns;
  readonly tree: TraceTree;
  readonly row: number;
  readonly version: string;
  readonly tab: PanelTab;
  readonly path: PathIndex | undefined;
  readonly onClose: () => void;
}

/** Everything about one span. What the skeleton knows is there at once, the rest follows. */
export function SpanPanel({ columns, tree, row, version, tab, path, onClose }: SpanPanelProps) {
  const { panelWidth, zone } = usePreferences();
  const navigate = useNavigate();
  const spanId = columns.spanIds[row]!;
  const reply = useQuery(spanQuery(columns.traceId, spanId, version));
  const span = pickSpan(reply.data?.spans, columns, row);
  const logs = useQuery(logsQuery(columns.traceId)).data?.logs;
  const spanLogs = useMemo(() => logs?.filter((log) => log.spanId === spanId), [logs, spanId]);
  const startMillis = unixMillisFromNano(columns.startTimeUnixNano) + columns.startNanos[row]! / 1e6;
  const counts: Partial<Record<PanelTab, number | undefined>> = {
    events: span?.events.length,
    links: span?.links.length,
    logs: spanLogs?.length,
  };
  return (
    <aside className="span-panel" style={{ width: panelWidth }} aria-label="Span">
      <Splitter
        className="panel-splitter"
        label="Width of the span panel"
        value={panelWidth}
        min={280}
        max={900}
        step={20}
        isReversed
        toValue={(clientX) => document.documentElement.clientWidth - clientX}
        onChange={(width) => setPreferences({ panelWidth: Math.round(width) })}
      />
      <header className="panel-head">
        <div className="panel-title">
          <h2 className="cut">{columns.names[columns.nameIndex[row]!]}</h2>
          <button type="button" className="icon-button small" aria-label="Close the span" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        <p className="panel-facts">
          <span>{columns.services[columns.serviceIndex[row]!]}</span>
          <span className="number">{formatDuration(columns.durationsNanos[row]!)}</span>
          <span className="number dim">self {formatDuration(selfNanos(columns, tree, row))}</span>
          {path !== undefined && (
            <span className="number dim">critical {formatDuration(pathNanos(path, row))}</span>
          )}
        </p>
        <p className="panel-facts dim">
          <span className="number">
            {formatTime(startMillis, zone)} (+{formatDuration(columns.startNanos[row]!)})
          </span>
          {span !== undefined && <span>{span.kind}</span>}
          <span className="mono panel-id">
            {spanId}
            <CopyButton text={spanId} label="Copy the span id" />
          </span>
        </p>
      </header>
      <Tabs.Root
        className="panel-tabs"
        value={tab}
        onValueChange={(next: PanelTab) =>
          void navigate({
            to: '.',
            search: ({ tab: _, ...rest }: TraceState) =>
              next === 'attributes' ? rest : { ...rest, tab: next },
            replace: true,
            resetScroll: false,
          })
        }
      >
        <Tabs.List className="tab-list" aria-label="About this span">
          {panelTabs.map((name) => (
            <Tabs.Tab key={name} value={name} className="tab">
              {tabNames[name]} {counts[name] !== undefined && <span className="dim">{counts[name]}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {panelTabs.map((name) => (
          <Tabs.Panel key={name} value={name} className="tab-panel">
            {name === 'logs' ? (
              <LogLines columns={columns} logs={spanLogs} />
            ) : span !== undefined ? (
              <Section tab={name} span={span} />
            ) : reply.error !== null ? (
              <ErrorState error={reply.error} onRetry={() => void reply.refetch()} />
            ) : null}
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </aside>
  );
}

const tabNames: Record<PanelTab, string> = {
  attributes: 'Attributes',
  events: 'Events',
  links: 'Links',
  logs: 'Logs',
  raw: 'Raw',
};

function Section({ tab, span }: { readonly tab: Exclude<PanelTab, 'logs'>; readonly span: SpanDto }) {
  switch (tab) {
    case 'attributes':
      return <AttributesSection span={span} />;
    case 'events':
      return <EventsSection span={span} />;
    case 'links':
      return <LinksSection span={span} />;
    case 'raw':
      return <RawSection span={span} />;
  }
}

/** Ids may repeat: of several spans with one id, the one of this row. */
function pickSpan(
  spans: readonly SpanDto[] | undefined,
  columns: TraceColumns,
  row: number,
): SpanDto | undefined {
  const name = columns.names[columns.nameIndex[row]!];
  const service = columns.services[columns.serviceIndex[row]!];
  return spans?.find((span) => span.name === name && span.service === service) ?? spans?.[0];
}

function pathNanos(path: PathIndex, row: number): number {
  let nanos = 0;
  for (let at = path.first[row]!; at < path.first[row + 1]!; at++)
    nanos += path.endNanos[at]! - path.startNanos[at]!;
  return nanos;
}
