import { Link } from '@tanstack/react-router';
import { ApiError } from '../../api/client.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { useWaitStage } from '../../ui/use-clock.ts';
import { missingTriesMax } from './use-trace.ts';

export interface TraceMissingProps {
  readonly error: Error;
  readonly traceId: string;
  readonly tries: number;
  readonly onRetry: () => void;
}

export function TraceMissing({ error, traceId, tries, onRetry }: TraceMissingProps) {
  if (!(error instanceof ApiError && error.status === 404))
    return <ErrorState error={error} onRetry={onRetry} />;
  const isWaiting = tries < missingTriesMax;
  return (
    <section className="state" role="status">
      <h2>{isWaiting ? 'Waiting for this trace' : 'This trace is not stored'}</h2>
      <p className="mono">{traceId}</p>
      <p>
        {isWaiting
          ? 'It may still be on its way: senders hand spans over in batches, a few seconds late. This page asks again by itself.'
          : 'It was never received, was not sampled, or is older than the retention allows.'}
      </p>
      <div className="actions">
        {isWaiting ? (
          <span className="waiting-dot" aria-hidden="true" />
        ) : (
          <button type="button" className="button" onClick={onRetry}>
            Look again
          </button>
        )}
        <Link to="/search" className="button">
          Search traces
        </Link>
      </div>
    </section>
  );
}

export function TraceSkeleton({ onCancel }: { readonly onCancel: () => void }) {
  const stage = useWaitStage(true);
  if (stage === 0) return null;
  return (
    <div className="trace-skeleton" aria-busy="true">
      {stage === 2 && (
        <p role="status">
          Reading the trace’s spans …{' '}
          <button type="button" className="button" onClick={onCancel}>
            Cancel
          </button>
        </p>
      )}
      {skeletonBars.map(([left, width]) => (
        <span
          key={left}
          className="skeleton"
          style={{ marginLeft: `${left}%`, width: `${width}%` }}
          aria-hidden="true"
        />
      ))}
    </div>
  );
}

const skeletonBars = [
  [2, 90],
  [5, 84],
  [7, 12],
  [19, 22],
  [42, 46],
  [45, 40],
  [60, 20],
  [81, 6],
] as const;
