import type { SearchGroupsResponse } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import type { CSSProperties } from 'react';
import { fieldOf, formatConditions, parseConditions } from '../../filter/conditions.ts';
import { toggleIncluded, withoutFacet } from '../../filter/facet-conditions.ts';
import { type SearchState, withFilter } from '../../state/search-url.ts';
import { formatCost, formatCount, formatDuration, formatShare } from '../../ui/format.ts';

export interface GroupTableProps {
  readonly reply: SearchGroupsResponse;
  readonly state: SearchState;
}

/** Each group leads to its spans. */
export function GroupTable({ reply, state }: GroupTableProps) {
  const most = reply.groups.reduce((top, group) => Math.max(top, group.count), 1);
  return (
    <>
      <table className="results groups">
        <thead>
          <tr>
            {reply.by.map((field) => (
              <th key={field} scope="col">
                {field}
              </th>
            ))}
            <th scope="col" className="col-count">
              Spans
            </th>
            {['Errors', 'p50', 'p95', 'p99', 'Tokens', 'Cost'].map((label) => (
              <th key={label} scope="col" className="col-number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {reply.groups.map((group) => (
            <tr key={JSON.stringify(group.keys)}>
              {group.keys.map((key, index) => (
                <td key={reply.by[index]} className="cut">
                  {index === 0 ? (
                    <Link to="/search" search={spansOf(state, reply.by, group.keys)} className="row-link">
                      <GroupKey value={key} />
                    </Link>
                  ) : (
                    <GroupKey value={key} />
                  )}
                </td>
              ))}
              <td className="duration-cell">
                <span className="number">{formatCount(group.count)}</span>
                <span className="duration-bar" style={{ '--share': group.count / most } as CSSProperties} />
              </td>
              <td className="number">
                {group.errorCount > 0 ? (
                  <span className="error-text">{formatShare(group.errorRate)}</span>
                ) : (
                  <span className="dim">0</span>
                )}
              </td>
              <td className="number">{formatDuration(group.p50Nanos)}</td>
              <td className="number">{formatDuration(group.p95Nanos)}</td>
              <td className="number">{formatDuration(group.p99Nanos)}</td>
              <td className="number">{formatCount(group.tokens)}</td>
              <td className="number">{formatCost(group.cost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {reply.groups.length === 0 && <p className="list-end dim">No span matches in this window.</p>}
      {reply.truncated && <p className="list-end dim">There are more groups than these.</p>}
    </>
  );
}

function GroupKey({ value }: { readonly value: string | null }) {
  return value === null ? <span className="dim">–</span> : <strong>{value}</strong>;
}

/** The spans of one group. Those without a field are found by `not … exists`. */
function spansOf(state: SearchState, by: readonly string[], keys: readonly (string | null)[]): SearchState {
  let conditions = parseConditions(state.filter ?? '') ?? [];
  for (const [index, name] of by.entries()) {
    const [field, key] = [fieldOf(name), keys[index]];
    conditions = withoutFacet(conditions, field);
    conditions =
      typeof key === 'string'
        ? toggleIncluded(conditions, field, key)
        : [...conditions, { type: 'not', part: { type: 'exists', field } }];
  }
  const { show: _, by: __, ...rest } = withFilter(state, formatConditions(conditions));
  return { ...rest, show: 'spans' };
}
