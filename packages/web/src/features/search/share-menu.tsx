import { useState } from 'react';
import { curlCommand, searchCommand } from '../../filter/commands.ts';
import {
  defaultLookback,
  listQueryOf,
  orderOf,
  type SearchState,
  searchedQueryOf,
} from '../../state/search-url.ts';
import { DropMenu, MenuAction } from '../../ui/drop-menu.tsx';

/** The search for others: people, terminals, scripts. */
export function ShareMenu({ state }: { readonly state: SearchState }) {
  const [copied, setCopied] = useState<string | undefined>(undefined);
  const copy = (name: string, text: string) =>
    void navigator.clipboard?.writeText(text).then(() => {
      setCopied(name);
      window.setTimeout(() => setCopied(undefined), 2_000);
    });
  const isCommand = state.show !== 'groups';
  return (
    <DropMenu
      label={copied === undefined ? 'Share' : `Copied ${copied}`}
      icon={copied === undefined ? 'share' : 'check'}
    >
      <MenuAction onRun={() => copy('the link', location.href)}>Copy the link</MenuAction>
      {isCommand && (
        <MenuAction onRun={() => copy('the command', searchCommand(searchOf(state)))}>
          Copy as <span className="mono">spanwise search</span>
        </MenuAction>
      )}
      <MenuAction onRun={() => copy('the command', curlOf(state))}>
        Copy as <span className="mono">curl</span>
      </MenuAction>
    </DropMenu>
  );
}

function searchOf(state: SearchState) {
  return {
    origin: location.origin,
    filter: state.filter ?? '',
    isOfTraces: state.show !== 'spans',
    order: orderOf(state),
    isAscending: state.direction === 'asc',
    window: windowOf(state),
  };
}

function windowOf({ start, end, lookback }: SearchState): string | readonly [number, number] {
  return start === undefined || end === undefined ? (lookback ?? defaultLookback) : [start, end];
}

function curlOf(state: SearchState): string {
  if (state.show !== 'groups') {
    return curlCommand(location.origin, `/api/v1/search/${state.show ?? 'traces'}`, listQueryOf(state));
  }
  const query = searchedQueryOf(state);
  if (state.by !== undefined) query.set('by', state.by);
  return curlCommand(location.origin, '/api/v1/search/groups', query);
}
