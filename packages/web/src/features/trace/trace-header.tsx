import {
  parentMissing,
  parentNone,
  statusCodes,
  type TraceColumns,
  unixMillisFromNano,
} from '@spanwise/model';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { lastSearch } from '../../state/last-search.ts';
import { usePreferences } from '../../state/preferences.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DropMenu, MenuDownload } from '../../ui/drop-menu.tsx';
import { formatCounted, formatDateTime, formatDuration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

export function TraceHeader({ columns }: { readonly columns: TraceColumns }) {
  const { zone } = usePreferences();
  const facts = useMemo(() => traceFacts(columns), [columns]);
  const startMillis = unixMillisFromNano(columns.startTimeUnixNano);
  return (
    <div className="trace-header">
      <Link to="/search" search={lastSearch()} className="back">
        <Icon name="left" />
        Search
      </Link>
      <h1 className="cut">
        {facts.rootRow === -1 ? (
          <span className="dim">Root not here yet</span>
        ) : (
          <>
            <span className="dim">{columns.services[columns.serviceIndex[facts.rootRow]!]} › </span>
            {columns.names[columns.nameIndex[facts.rootRow]!]}
          </>
        )}
      </h1>
      <strong className="number">{formatDuration(columns.durationNanos)}</strong>
      <time className="number dim" dateTime={new Date(startMillis).toISOString()}>
        {formatDateTime(startMillis, zone)}
      </time>
      <span className="trace-counts">
        {formatCounted(columns.services.length, 'service')} · {formatCounted(columns.spanCount, 'span')}
        {facts.errorCount > 0 && (
          <span className="error-text"> · {formatCounted(facts.errorCount, 'error')}</span>
        )}
        {facts.orphanCount > 0 && (
          <span className="warning-text" title="Their parents have not arrived, or never will">
            {' '}
            · {formatCounted(facts.orphanCount, 'orphan')}
          </span>
        )}
      </span>
      <span className="header-end">
        <span className="mono dim trace-id" title={columns.traceId}>
          {columns.traceId.slice(0, 8)}…
        </span>
        <CopyButton text={columns.traceId} label="Copy the trace id" />
        <CopyLink />
        <Link to="/compare" search={{ after: columns.traceId }} className="button drop-menu">
          Compare
        </Link>
        <DropMenu label="Export" icon="download">
          {exportFormats.map(([format, name]) => (
            <MenuDownload key={format} href={`/api/v1/traces/${columns.traceId}/export?format=${format}`}>
              {name}
            </MenuDownload>
          ))}
        </DropMenu>
      </span>
    </div>
  );
}

/** As the API names them. */
const exportFormats = [
  ['otlp-json', 'OTLP as JSON'],
  ['otlp', 'OTLP as protobuf'],
  ['jaeger', 'Jaeger’s JSON'],
  ['csv', 'CSV'],
] as const;

/** The link holds everything: span, zoom, search. */
function CopyLink() {
  return (
    <button
      type="button"
      className="icon-button small"
      aria-label="Copy the link to what is shown"
      title="Copy the link to what is shown"
      onClick={() => void navigator.clipboard?.writeText(location.href)}
    >
      <Icon name="link" />
    </button>
  );
}

function traceFacts(columns: TraceColumns) {
  let [rootRow, errorCount, orphanCount] = [-1, 0, 0];
  for (let row = 0; row < columns.spanCount; row++) {
    if (columns.parentRow[row] === parentNone && rootRow === -1) rootRow = row;
    if (columns.parentRow[row] === parentMissing) orphanCount += 1;
    if (columns.status[row] === statusCodes.error) errorCount += 1;
  }
  return { rootRow, errorCount, orphanCount };
}
