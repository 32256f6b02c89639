import type { TraceComparisonDto } from '@spanwise/api';
import { formatDuration } from '../../ui/format.ts';

type Step = TraceComparisonDto['steps'][number];

/** `1.2 s more in llm-proxy › chat gpt-4o, called 3 times instead of once`. Absence: undefined where nothing changed. */
export function comparisonSentence(steps: TraceComparisonDto['steps']): string | undefined {
  const [step] = steps;
  if (step === undefined || step.changeNanos === 0) return undefined;
  const amount = formatDuration(Math.abs(step.changeNanos));
  const where = `${amount} ${step.changeNanos > 0 ? 'more' : 'less'} in ${step.service} › ${step.name}`;
  return `${where}${callsPhrase(step)}`;
}

function callsPhrase({ before, after }: Step): string {
  if (before.callCount === after.callCount) return '';
  if (before.callCount === 0) return ', which was not there before';
  if (after.callCount === 0) return ', which is gone';
  return `, called ${times(after.callCount)} instead of ${times(before.callCount)}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

/** `+1.2 s`, `−40 ms`; `–` where nothing changed. */
export function formatChange(nanos: number): string {
  if (nanos === 0) return '–';
  return `${nanos > 0 ? '+' : '−'}${formatDuration(Math.abs(nanos))}`;
}
