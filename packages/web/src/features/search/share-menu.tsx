import { Menu } from '@base-ui/react/menu';
import { useState } from 'react';
import { curlCommand, searchCommand } from '../../filter/commands.ts';
import {
  defaultLookback,
  listQueryOf,
  orderOf,
  type SearchState,
  searchedQueryOf,
} from '../../state/search-url.ts';
import { Icon } from '../../ui/icons.tsx';

/** The search for others: people, terminals, scripts. */
export function ShareMenu({ state }: { readonly state: SearchState }) {
  const [copied, setCopied] = useState<string | undefined>(undefined);
  const copy = (name: string, text: string) =>
    void navigator.clipboard?.writeText(text).then(() => {
      setCopied(name);
      window.setTimeout(() => setCopied(undefined), 2_000);
    });
  const isCommand = state.show !== 'groups' && state.start === undefined;
  return (
    <Menu.Root>
      <Menu.Trigger className="button share">
        <Icon name={copied === undefined ? 'share' : 'check'} />
        {copied === undefined ? 'Share' : `Copied ${copied}`}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" style={{ zIndex: 20 }}>
          <Menu.Popup className="popup">
            <Menu.Item className="popup-item" onClick={() => copy('the link', location.href)}>
              Copy the link
            </Menu.Item>
            {isCommand && (
              <Menu.Item
                className="popup-item"
                onClick={() => copy('the command', searchCommand(searchOf(state)))}
              >
                Copy as <span className="mono">spanwise search</span>
              </Menu.Item>
            )}
            <Menu.Item className="popup-item" onClick={() => copy('the command', curlOf(state))}>
              Copy as <span className="mono">curl</span>
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function searchOf(state: SearchState) {
  return {
    origin: location.origin,
    filter: state.filter ?? '',
    isOfTraces: state.show !== 'spans',
    order: orderOf(state),
    isAscending: state.direction === 'asc',
    lookback: state.lookback ?? defaultLookback,
  };
}

function curlOf(state: SearchState): string {
  if (state.show !== 'groups') {
    return curlCommand(location.origin, `/api/v1/search/${state.show ?? 'traces'}`, listQueryOf(state));
  }
  const query = searchedQueryOf(state);
  if (state.by !== undefined) query.set('by', state.by);
  return curlCommand(location.origin, '/api/v1/search/groups', query);
}
