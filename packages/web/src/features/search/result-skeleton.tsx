import { useWaitStage } from '../../ui/use-clock.ts';

export interface ResultSkeletonProps {
  readonly isWaiting: boolean;
  readonly onCancel: () => void;
}

/** The final layout without its content; after two seconds it says what it waits for. */
export function ResultSkeleton({ isWaiting, onCancel }: ResultSkeletonProps) {
  const stage = useWaitStage(isWaiting);
  if (!isWaiting) {
    return (
      <section className="state">
        <h2>Cancelled</h2>
        <p>Press “Find traces” to ask again.</p>
      </section>
    );
  }
  if (stage === 0) return null;
  return (
    <div aria-busy="true">
      {stage === 2 && (
        <p className="slow" role="status">
          Searching the stored spans …{' '}
          <button type="button" className="button" onClick={onCancel}>
            Cancel
          </button>
        </p>
      )}
      <div className="skeleton-rows" aria-hidden="true">
        {skeletonWidths.map((width, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows never change
          <span key={index} className="skeleton" style={{ width: `${width}%` }} />
        ))}
      </div>
    </div>
  );
}

const skeletonWidths = [62, 48, 71, 55, 66, 43, 58, 69, 51, 60];
