import type { SpanDto } from '@spanwise/api';
import { nanosBetween, unixNano } from '@spanwise/model';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { CopyButton } from '../../ui/copy-button.tsx';
import { formatCounted, formatDuration } from '../../ui/format.ts';
import { filterGroups, groupAttributes } from './attribute-groups.ts';
import { AttributeTable } from './attribute-table.tsx';
import { formatValue } from './format-value.ts';

export function AttributesSection({ span }: { readonly span: SpanDto }) {
  const [filter, setFilter] = useState('');
  const { groups, droppedCount, reducedCount, hashedCount, keptCount } = useMemo(
    () => groupAttributes(span),
    [span],
  );
  const shown = filterGroups(groups, filter, formatValue);
  return (
    <>
      <input
        className="input attribute-filter"
        aria-label="Filter attributes"
        placeholder="Filter attributes"
        spellCheck={false}
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      {span.statusMessage !== '' && <p className="panel-note error-text">{span.statusMessage}</p>}
      {span.warnings.map((warning) => (
        <p key={warning} className="panel-note warning-text">
          {warning}
        </p>
      ))}
      {droppedCount > 0 && (
        <p className="panel-note dim">{formatCounted(droppedCount, 'value')} not kept (content)</p>
      )}
      {reducedCount > 0 && (
        <p className="panel-note dim">{formatCounted(reducedCount, 'value')} shortened (may hold content)</p>
      )}
      {hashedCount > 0 && (
        <p className="panel-note dim">{formatCounted(hashedCount, 'value')} of content as keyed hashes</p>
      )}
      {keptCount > 0 && (
        <p className="panel-note dim">
          {formatCounted(keptCount, 'value')} of content, kept by --content full
        </p>
      )}
      {shown.map(({ title, attributes }) => (
        <section key={title} className="attribute-group">
          <h3>{title}</h3>
          <AttributeTable attributes={attributes} />
        </section>
      ))}
      {shown.length === 0 && (
        <p className="panel-note dim">{filter === '' ? 'No attributes.' : 'None matches.'}</p>
      )}
    </>
  );
}

export function EventsSection({ span }: { readonly span: SpanDto }) {
  if (span.events.length === 0) return <p className="panel-note dim">No events.</p>;
  const start = unixNano(span.startTimeUnixNano);
  return (
    <ol>
      {span.events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no id, and the list never changes
        <li key={index} className="attribute-group">
          <h3>
            <span className="number dim">
              +{formatDuration(nanosBetween(start, unixNano(event.timeUnixNano)))}
            </span>{' '}
            {event.name}
          </h3>
          <AttributeTable attributes={event.attributes} hasSearch={false} />
        </li>
      ))}
    </ol>
  );
}

export function LinksSection({ span }: { readonly span: SpanDto }) {
  if (span.links.length === 0) return <p className="panel-note dim">No links.</p>;
  return (
    <ul>
      {span.links.map((link, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: links may repeat, and the list never changes
        <li key={index} className="attribute-group">
          <h3>
            <Link
              to="/trace/$traceId"
              params={{ traceId: link.traceId }}
              search={{ span: link.spanId }}
              className="mono"
            >
              {link.traceId === span.traceId ? 'this trace' : link.traceId} › {link.spanId}
            </Link>
          </h3>
          <AttributeTable attributes={link.attributes} hasSearch={false} />
        </li>
      ))}
    </ul>
  );
}

export function RawSection({ span }: { readonly span: SpanDto }) {
  const text = JSON.stringify(span, undefined, 2);
  return (
    <div className="raw">
      <CopyButton text={text} label="Copy as JSON" />
      <pre className="mono">{text}</pre>
    </div>
  );
}
