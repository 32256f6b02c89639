import type { SearchState } from './search-url.ts';

/** Where "back to search" leads, for as long as the page lives. */
let last: SearchState = {};

export function rememberSearch(state: SearchState): void {
  last = state;
}

export function lastSearch(): SearchState {
  return last;
}
