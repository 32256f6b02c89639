import { useQuery } from '@tanstack/react-query';
import { searchHeatmapQuery } from '../../api/queries.ts';
import type { Conditions } from '../../filter/conditions.ts';
import { writeDurations } from '../../filter/form-conditions.ts';
import { type SearchState, searchedQueryOf } from '../../state/search-url.ts';
import { describeError } from '../../ui/error-state.tsx';
import { HeatMap } from './heat-map.tsx';

export interface SearchPlotProps {
  readonly state: SearchState;
  readonly onNarrow: (
    change: (conditions: Conditions) => Conditions,
    millis?: readonly [start: number, end: number],
  ) => void;
  readonly isOn: boolean;
}

/** As many as have room for a few pixels each. */
const bins = 120;

/** Everything that matches at one look; what is pulled out of it narrows the search. */
export function SearchPlot({ state, onNarrow, isOn }: SearchPlotProps) {
  const query = searchedQueryOf(state);
  query.set('bins', String(bins));
  const { data, error } = useQuery(searchHeatmapQuery(query.toString(), isOn));
  if (data !== undefined) {
    return (
      <HeatMap
        reply={data}
        onSelect={({ millis, nanos }) =>
          onNarrow((all) => (nanos === undefined ? all : writeDurations(all, ...nanos)), millis)
        }
      />
    );
  }
  return (
    <div className="heat-map">
      {error !== null && (
        <p className="facet-note dim">
          {describeError(error).title}: {error.message}
        </p>
      )}
    </div>
  );
}
