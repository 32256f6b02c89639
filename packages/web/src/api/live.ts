import type { StoredEvent } from '@spanwise/api';
import { useEffect, useRef, useSyncExternalStore } from 'react';

export type LiveState = 'connecting' | 'open' | 'closed';
type Listener = (event: StoredEvent | undefined) => void;

/** One connection for the whole page, open while somebody listens. The browser reconnects by itself. */
let source: EventSource | undefined;
let state: LiveState = 'closed';
const listeners = new Set<Listener>();
const stateListeners = new Set<() => void>();

function setState(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const listener of stateListeners) listener();
}

function connect(): void {
  source = new EventSource('/api/v1/live');
  setState('connecting');
  let wasOpen = false;
  source.addEventListener('open', () => {
    setState('open');
    // What was stored while the line was down is not repeated: listeners ask anew.
    if (wasOpen) for (const listener of listeners) listener(undefined);
    wasOpen = true;
  });
  source.addEventListener('error', () =>
    setState(source?.readyState === EventSource.CLOSED ? 'closed' : 'connecting'),
  );
  source.addEventListener('stored', (event: MessageEvent<string>) => {
    const stored = JSON.parse(event.data) as StoredEvent;
    for (const listener of listeners) listener(stored);
  });
}

function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  if (source === undefined) connect();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    source?.close();
    source = undefined;
    setState('closed');
  };
}

/**
 * Calls `onStored` after something became searchable while `isOn`; with `undefined` when news may have been
 * missed.
 */
export function useLive(isOn: boolean, onStored: Listener): void {
  const latest = useRef(onStored);
  useEffect(() => {
    latest.current = onStored;
  });
  useEffect(() => {
    if (!isOn) return undefined;
    return subscribe((event) => latest.current(event));
  }, [isOn]);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    () => state,
  );
}
