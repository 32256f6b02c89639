import type { SearchState } from '../../state/search-url.ts';

/** Of each way to show what was found. */
export interface ResultsProps {
  readonly state: SearchState;
  readonly onSearch: (state: SearchState) => void;
  /** Called when the first answer is there, whatever it is. */
  readonly onListed: () => void;
}
