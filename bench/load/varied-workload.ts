import type { Span } from '@spanwise/model';
import { agentWorkload } from '../agent-workload.ts';

/** Stands where the generator writes another number into each request. */
export const orderPlaceholder = 'order-000000';

const regions = 20;

/**
 * Agent replies with attributes to search for: `region` on every span, one of 20 values a request, so 5 % each;
 * `order` on one span of a request, with a value that the generator chooses.
 */
export function variedWorkload(traces: number, seed: number, startMillis: number): readonly Span[] {
  const region = `r${Math.floor(seed / traces) % regions}`;
  return agentWorkload(traces, seed, startMillis).map((span, index) => ({
    ...span,
    attributes: new Map([
      ...span.attributes,
      ['region', region],
      ...(index === 0 ? [['order', orderPlaceholder] as const] : []),
    ]),
  }));
}
