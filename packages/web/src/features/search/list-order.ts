import { orderOf, type SearchOrder, type SearchState } from '../../state/search-url.ts';

/** The state in that order; the other way round where it is in that order already. */
export function orderedBy(state: SearchState, order: SearchOrder): SearchState {
  const { order: _, direction, ...rest } = state;
  const isSame = orderOf(state) === order;
  return {
    ...rest,
    ...(order === 'time' ? {} : { order }),
    ...(isSame && direction === undefined ? { direction: 'asc' as const } : {}),
  };
}

/** Absence: undefined where the list is in another order. */
export function directionOf(state: SearchState, order: SearchOrder): 'asc' | 'desc' | undefined {
  return orderOf(state) === order ? (state.direction ?? 'desc') : undefined;
}

/** Both directions together; -1 where nobody said. */
export function tokensOf({ inputTokens, outputTokens }: Tokens): number {
  if (inputTokens < 0 && outputTokens < 0) return -1;
  return Math.max(0, inputTokens) + Math.max(0, outputTokens);
}

interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}
