import { useEffect, useRef } from 'react';
import { type KeyAction, keyAction } from '../waterfall/key-action.ts';

/** Hands the page's keys to `onAction`, wherever the focus is, but never while somebody types. */
export function useTraceKeys(onAction: (action: KeyAction) => void): void {
  const latest = useRef(onAction);
  useEffect(() => {
    latest.current = onAction;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : document.body;
      const isTyping = target.closest('input, textarea, select, [contenteditable], [role=dialog]') !== null;
      const action = keyAction({
        key: event.key,
        hasModifier: event.ctrlKey || event.metaKey || event.altKey,
        isTyping,
        isInTree: target === document.body || target.closest('[role=treegrid]') !== null,
      });
      if (action === undefined || event.defaultPrevented) return;
      event.preventDefault();
      latest.current(action);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
