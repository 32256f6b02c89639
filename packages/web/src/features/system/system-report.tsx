import type {
  CountsByReason,
  DurationSummary,
  SignalCounts,
  SystemPart,
  SystemResponse,
} from '@spanwise/api';
import type { ReactNode } from 'react';
import { formatBytes, formatCount, formatCounted, formatDuration } from '../../ui/format.ts';

/** Everything that the server says about itself, part by part. */
export function SystemReport({ system }: { readonly system: SystemResponse }) {
  const { receivers, spool, engine, process } = system;
  return (
    <div className="system">
      <Part title="Receivers" part={receivers}>
        <Signal name="Spans" counts={receivers.spans} />
        <Signal name="Log records" counts={receivers.logs} />
        <Fact name="Requests refused unread">{reasons(receivers.refusedRequests)}</Fact>
        <Fact name="Bytes in flight">{formatBytes(receivers.bytesInFlight)}</Fact>
        <Fact name="Waiting to be decoded">{formatCounted(receivers.decodeQueue, 'request')}</Fact>
      </Part>
      <Part title="Spool" part={spool}>
        <Fact name="Acknowledged, not in the tables yet">
          {formatBytes(spool.bytes)} of {formatBytes(spool.maxBytes)} in{' '}
          {formatCounted(spool.segments, 'segment')}
        </Fact>
        <Fact name="Oldest of them">{formatDuration(spool.oldestAgeMillis * 1e6)}</Fact>
        <Fact name="Waiting for a write">{formatCounted(spool.waitingRequests, 'request')}</Fact>
        <Fact name="Write and sync">{durations(spool.commits)}</Fact>
        <Fact name="Set aside">
          {spool.quarantined.segments === 0 ? (
            'nothing'
          ) : (
            <ul>
              {spool.quarantined.listed.map(({ name, rowCount, reason }) => (
                <li key={name} className="warning-text">
                  {name}: {rowCount === undefined ? 'rows' : formatCounted(rowCount, 'row')}, {reason}
                </li>
              ))}
            </ul>
          )}
        </Fact>
      </Part>
      <Part title={`Storage (${engine.kind})`} part={engine}>
        <Fact name="Rows stored">{formatCount(engine.insertedRows)}</Fact>
        <Fact name="Insert and proof">{durations(engine.inserts)}</Fact>
        <Fact name="Restarts">{formatCount(engine.restarts)}</Fact>
        {engine.queries.map(({ route, ...summary }) => (
          <Fact key={route} name={<span className="mono">{route}</span>}>
            {durations(summary)}
          </Fact>
        ))}
      </Part>
      <Part title="Process" part={undefined}>
        <Fact name="Memory">{formatBytes(process.residentBytes)}</Fact>
        <Fact name="Processor time">{formatDuration(process.cpuSeconds * 1e9)}</Fact>
        <Fact name="Event loop, late by">
          p50 {formatDuration(process.eventLoopDelayMillis.p50 * 1e6)}, p99{' '}
          {formatDuration(process.eventLoopDelayMillis.p99 * 1e6)}
        </Fact>
      </Part>
    </div>
  );
}

const statusWords = {
  StatusStarting: 'starting',
  StatusOK: 'ok',
  StatusRecoverableError: 'not well',
  StatusStopping: 'stopping',
} as const;

interface PartProps {
  readonly title: string;
  readonly part: SystemPart | undefined;
  readonly children: ReactNode;
}

function Part({ title, part, children }: PartProps) {
  return (
    <section className="system-part">
      <h2>
        {title}{' '}
        {part !== undefined && (
          <span className={part.status === 'StatusOK' ? 'dim' : 'error-text'}>
            {statusWords[part.status]}
            {part.reason !== undefined && `: ${part.reason}`}
          </span>
        )}
      </h2>
      <dl>{children}</dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }) {
  return (
    <>
      <dt className="dim">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Signal({ name, counts }: { readonly name: string; readonly counts: SignalCounts }) {
  return (
    <Fact name={name}>
      {formatCount(counts.received)} received = {formatCount(counts.accepted)} accepted +{' '}
      {formatCount(counts.repeated)} repeated + rejected {reasons(counts.rejected)} + refused{' '}
      {reasons(counts.refused)}
    </Fact>
  );
}

function reasons(counts: CountsByReason): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  if (entries.length === 0) return '0';
  return entries
    .map(([reason, count]) => `${formatCount(count)} (${reason.replaceAll('_', ' ')})`)
    .join(', ');
}

function durations({ count, meanMillis, p50Millis, p99Millis }: DurationSummary): string {
  if (count === 0) return '–';
  const [mean, p50, p99] = [meanMillis, p50Millis, p99Millis].map((millis) => formatDuration(millis * 1e6));
  return `${formatCounted(count, 'time')}, mean ${mean}, p50 ${p50}, p99 ${p99}`;
}
