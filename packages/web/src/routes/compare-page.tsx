import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { comparisonQuery, skeletonQuery } from '../api/queries.ts';
import { AlignedTable } from '../features/compare/aligned-table.tsx';
import { ChooseOther } from '../features/compare/choose-other.tsx';
import { CompareForm } from '../features/compare/compare-form.tsx';
import { ComparedTrace, rootOf } from '../features/compare/compared-trace.tsx';
import { comparisonSentence, formatChange } from '../features/compare/comparison-sentence.ts';
import { StepChanges } from '../features/compare/step-changes.tsx';
import { AppBar, PageLinks, TraceIdBox } from '../features/status/app-bar.tsx';
import { StatusLine } from '../features/status/status-line.tsx';
import { ErrorState } from '../ui/error-state.tsx';

/** What is different between two traces: by step, and span by span. */
export function ComparePage() {
  const state = useSearch({ from: '/compare' });
  const navigate = useNavigate();
  const { before, after } = state;
  const comparison = useQuery(comparisonQuery(before ?? '', after ?? ''));
  const skeletons = [useQuery(skeletonQuery(before ?? '')), useQuery(skeletonQuery(after ?? ''))] as const;
  const [skeletonBefore, skeletonAfter] = skeletons.map(({ data }) => data);
  const root = skeletonAfter === undefined ? undefined : rootOf(skeletonAfter);
  useEffect(() => {
    document.title = 'Compare · Spanwise';
  }, []);
  const error = comparison.error ?? skeletons[0].error ?? skeletons[1].error;
  const sentence = comparison.data === undefined ? undefined : comparisonSentence(comparison.data.steps);
  return (
    <>
      <a className="skip-link" href="#comparison">
        Skip to the comparison
      </a>
      <AppBar>
        <PageLinks />
        <TraceIdBox />
      </AppBar>
      <CompareForm state={state} onCompare={(search) => void navigate({ to: '/compare', search })} />
      <main id="comparison" className="page-main">
        {error !== null && (
          <ErrorState
            error={error}
            onRetry={() => void Promise.all([comparison, ...skeletons].map((reply) => reply.refetch()))}
          />
        )}
        {(skeletonBefore !== undefined || skeletonAfter !== undefined) && (
          <div className="comparison-head">
            {skeletonBefore !== undefined && <ComparedTrace side="Before" trace={skeletonBefore} />}
            {skeletonAfter !== undefined && <ComparedTrace side="After" trace={skeletonAfter} />}
            {skeletonBefore !== undefined && skeletonAfter !== undefined && comparison.data !== undefined && (
              <p className="sentence">
                <strong>{formatChange(skeletonAfter.durationNanos - skeletonBefore.durationNanos)}</strong> in
                all
                {sentence !== undefined && ` · ${sentence}`}
              </p>
            )}
          </div>
        )}
        {before === undefined && after !== undefined && root !== undefined && (
          <ChooseOther traceId={after} root={root} />
        )}
        {comparison.data !== undefined && skeletonBefore !== undefined && skeletonAfter !== undefined && (
          <>
            <StepChanges steps={comparison.data.steps} />
            <AlignedTable comparison={comparison.data} before={skeletonBefore} after={skeletonAfter} />
          </>
        )}
      </main>
      <StatusLine />
    </>
  );
}
