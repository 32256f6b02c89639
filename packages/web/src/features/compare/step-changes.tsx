import type { TraceComparisonDto } from '@spanwise/api';
import { useState } from 'react';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { formatCost, formatCount, formatDuration } from '../../ui/format.ts';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { tokensOf } from '../search/list-order.ts';
import { formatChange } from './comparison-sentence.ts';

type Step = TraceComparisonDto['steps'][number];

const shownFirst = 12;

/** Where the time went that one has and the other has not: by step, most change first. */
export function StepChanges({ steps }: { readonly steps: TraceComparisonDto['steps'] }) {
  const slotOf = useServiceSlots();
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? steps : steps.slice(0, shownFirst);
  const most = steps.reduce((top, step) => Math.max(top, Math.abs(step.changeNanos)), 1);
  return (
    <section aria-labelledby="step-changes">
      <h2 id="step-changes" className="page-section">
        Own time by step
      </h2>
      <table className="results">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" className="col-change">
              Change
            </th>
            {['Before', 'After'].map((label) => (
              <th key={label} scope="col" className="col-number">
                {label}
              </th>
            ))}
            {['Calls', 'Errors', 'Tokens', 'Cost'].map((label) => (
              <th key={label} scope="col" className="col-number col-pair">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((step) => (
            <tr key={`${step.service} ${step.name}`}>
              <td className="cut">
                <ServiceDot slot={slotOf(step.service)} /> <span className="dim">{step.service} › </span>
                <strong>{step.name}</strong>
              </td>
              <td>
                <ChangeBar nanos={step.changeNanos} most={most} />
              </td>
              <td className="number">
                {step.before.callCount === 0 ? '–' : formatDuration(step.before.selfNanos)}
              </td>
              <td className="number">
                {step.after.callCount === 0 ? '–' : formatDuration(step.after.selfNanos)}
              </td>
              <Pair step={step} of={({ callCount }) => callCount} format={formatCount} />
              <Pair step={step} of={({ errorCount }) => errorCount} format={formatCount} />
              <Pair step={step} of={tokensOf} format={formatCount} />
              <Pair step={step} of={({ cost }) => cost} format={formatCost} />
            </tr>
          ))}
        </tbody>
      </table>
      {steps.length > shownFirst && (
        <button type="button" className="button more" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Fewer steps' : `All ${steps.length} steps`}
        </button>
      )}
    </section>
  );
}

interface PairProps {
  readonly step: Step;
  readonly of: (figures: Step['before']) => number;
  readonly format: (value: number) => string;
}

/** One number where both have the same. */
function Pair({ step, of, format }: PairProps) {
  const [before, after] = [of(step.before), of(step.after)];
  return (
    <td className={before === after ? 'number dim' : 'number'}>
      {before === after ? format(after) : `${format(before)} → ${format(after)}`}
    </td>
  );
}

/** More to the right, less to the left. */
export function ChangeBar({ nanos, most }: { readonly nanos: number; readonly most: number }) {
  const width = 50 * (Math.abs(nanos) / most);
  return (
    <span className="change">
      <span className="number">{formatChange(nanos)}</span>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect
          className={nanos > 0 ? 'more' : 'less'}
          x={nanos > 0 ? 50 : 50 - width}
          y="1"
          width={width}
          height="6"
        />
        <rect className="middle" x="49.8" y="0" width="0.4" height="8" />
      </svg>
    </span>
  );
}
