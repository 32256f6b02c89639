import type { TraceAnalysisDto } from '@spanwise/api';
import type { TraceColumns } from '@spanwise/model';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CSSProperties } from 'react';
import { statusQuery } from '../../api/queries.ts';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { formatCost, formatCount, formatCounted, formatDuration, formatShare } from '../../ui/format.ts';
import { serviceHues } from '../../ui/service-slot.ts';

export interface AnswerBoxProps {
  readonly columns: TraceColumns;
  /** Of these very columns; undefined while it is on its way. */
  readonly analysis: TraceAnalysisDto | undefined;
  readonly isFailed: boolean;
  readonly onSelect: (row: number) => void;
}

/** What people come for, before any chart: where the time went. */
export function AnswerBox({ columns, analysis, isFailed, onSelect }: AnswerBoxProps) {
  if (analysis === undefined) {
    return (
      <section className="answer" aria-label="Answer" aria-busy={!isFailed}>
        <p className="dim">{isFailed ? 'The analysis did not arrive; the spans below are complete.' : ' '}</p>
      </section>
    );
  }
  const { bottleneck, errorCause, retries } = analysis;
  const [retry] = retries;
  return (
    <section className="answer" aria-label="Answer">
      <p className="sentence">
        {bottleneck === undefined ? (
          'This trace took no measurable time.'
        ) : (
          <>
            <button type="button" className="text-button" onClick={() => onSelect(bottleneck.row)}>
              {bottleneck.sentence}
            </button>
            {bottleneck.usual !== undefined && <>, {bottleneck.usual.sentence}</>}
            <span className="dim">
              {' '}
              · {formatShare(bottleneck.share)} of the critical path
              {bottleneck.usual === undefined && ' · no history yet'}
            </span>
          </>
        )}
        {errorCause !== undefined && (
          <>
            <span className="dim"> · </span>
            <button type="button" className="text-button error-text" onClick={() => onSelect(errorCause.row)}>
              failed in {errorCause.service} › {errorCause.name}
            </button>
          </>
        )}
        {retry !== undefined && (
          <>
            <span className="dim"> · </span>
            <button type="button" className="text-button" onClick={() => onSelect(retry.rows[0]!)}>
              {formatCounted(retry.rows.length, 'attempt')} of {retry.name}
            </button>
            <span className="dim">, {formatDuration(retry.lostNanos)} lost</span>
          </>
        )}
      </p>
      <PathStrip byService={analysis.byService} />
      <Facts columns={columns} analysis={analysis} />
    </section>
  );
}

/** Narrower than this share, a name has no room in its stretch. */
const labelledShare = 0.09;

function PathStrip({ byService }: Pick<TraceAnalysisDto, 'byService'>) {
  const slotOf = useServiceSlots();
  if (byService.length === 0) return null;
  return (
    <div className="path-line">
      <span className="dim path-title" id="path-title">
        critical path
      </span>
      <ul className="path-strip" aria-labelledby="path-title">
        {byService.map(({ service, share, nanos }) => {
          const slot = service === undefined ? undefined : slotOf(service);
          const name = service ?? 'unaccounted';
          const style = {
            flexGrow: share,
            ...(slot === undefined ? {} : { '--dot': `var(--service-${slot % serviceHues})` }),
          } as CSSProperties;
          return (
            <li
              key={name}
              className={slot === undefined ? 'path-part gap' : 'path-part'}
              style={style}
              title={`${name}: ${formatDuration(nanos)}, ${formatShare(share)}`}
            >
              <span className={share < labelledShare ? 'visually-hidden' : 'cut'}>
                {name} {formatShare(share)}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const contentWords: Readonly<Record<string, string>> = {
  none: 'none kept',
  strict: 'none kept',
  hash: 'kept as hashes',
  full: 'kept',
};

function Facts({
  columns,
  analysis,
}: {
  readonly columns: TraceColumns;
  readonly analysis: TraceAnalysisDto;
}) {
  const content = useQuery(statusQuery).data?.content;
  const { usage, logCount, errorLogCount } = analysis;
  const firstChunk = firstChunkOf(columns, analysis.bottleneck?.row ?? -1);
  return (
    <ul className="facts">
      {usage.modelCalls > 0 && (
        <li>
          {usage.models.join(', ') || 'model not named'}{' '}
          <span className="dim">
            {formatCounted(usage.modelCalls, 'call')} · {formatCount(usage.inputTokens)} →{' '}
            {formatCount(usage.outputTokens)} tokens
            {usage.cost >= 0 && <Cost {...usage} />}
          </span>
        </li>
      )}
      {firstChunk !== undefined && <li>first chunk {formatDuration(firstChunk)}</li>}
      {content !== undefined && <li>content: {contentWords[content] ?? content}</li>}
      <li>
        <Link to="." search={{ view: 'logs' }} className="plain-link">
          logs {formatCount(logCount)}
          {errorLogCount > 0 && (
            <span className="error-text"> ({formatCounted(errorLogCount, 'error')})</span>
          )}
        </Link>
      </li>
      {analysis.rootCount !== 1 && (
        <li className="warning-text">
          {analysis.rootCount === 0 ? 'root not here yet' : `${formatCount(analysis.rootCount)} roots`}
        </li>
      )}
    </ul>
  );
}

function Cost({ cost, unpricedCalls }: Pick<TraceAnalysisDto['usage'], 'cost' | 'unpricedCalls'>) {
  const isPart = unpricedCalls > 0;
  return (
    <>
      {' · '}
      <span title={isPart ? `${formatCounted(unpricedCalls, 'call')} without a price` : undefined}>
        {isPart && 'at least '}
        {formatCost(cost)}
      </span>
    </>
  );
}

/** Of the bottleneck when it streams, else of the first span that does. Absence: undefined where none does. */
function firstChunkOf(columns: TraceColumns, bottleneckRow: number): number | undefined {
  const own = columns.firstChunkNanos[bottleneckRow] ?? -1;
  return own >= 0 ? own : columns.firstChunkNanos.find((nanos) => nanos >= 0);
}
