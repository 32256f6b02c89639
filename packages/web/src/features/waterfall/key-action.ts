import type { Shortcut } from '../../ui/help-dialog.tsx';

export type KeyAction =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'first'
  | 'last'
  | 'closeOrParent'
  | 'openOrChild'
  | 'openPanel'
  | 'closePanel'
  | 'fitSpan'
  | 'fitAll'
  | 'find'
  | 'nextOnPath'
  | 'nextError'
  | 'collapseAll'
  | 'expandAll'
  | 'zoomIn'
  | 'zoomOut'
  | 'panLeft'
  | 'panRight'
  | 'help';

const actions: Readonly<Record<string, KeyAction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'pageUp',
  PageDown: 'pageDown',
  Home: 'first',
  End: 'last',
  ArrowLeft: 'closeOrParent',
  ArrowRight: 'openOrChild',
  Enter: 'openPanel',
  Escape: 'closePanel',
  f: 'fitSpan',
  '0': 'fitAll',
  '/': 'find',
  c: 'nextOnPath',
  e: 'nextError',
  '[': 'collapseAll',
  ']': 'expandAll',
  '+': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomOut',
  a: 'panLeft',
  d: 'panRight',
  '?': 'help',
};

/** Only these work wherever the focus is; the others move inside the tree and belong to it. */
const everywhere: ReadonlySet<KeyAction> = new Set([
  'closePanel',
  'fitSpan',
  'fitAll',
  'find',
  'nextOnPath',
  'nextError',
  'collapseAll',
  'expandAll',
  'zoomIn',
  'zoomOut',
  'panLeft',
  'panRight',
  'help',
]);

export interface KeyPress {
  readonly key: string;
  readonly hasModifier: boolean;
  readonly isTyping: boolean;
  readonly isInTree: boolean;
}

/** Absence: undefined for a key that is not ours here. */
export function keyAction({ key, hasModifier, isTyping, isInTree }: KeyPress): KeyAction | undefined {
  if (hasModifier || isTyping) return undefined;
  const action = actions[key];
  return action !== undefined && (isInTree || everywhere.has(action)) ? action : undefined;
}

export const shortcuts: readonly Shortcut[] = [
  [['↑', '↓'], 'Previous, next span'],
  [['←', '→'], 'Collapse or go to the parent; expand or go to the first child'],
  [['Enter'], 'Open the span'],
  [['Esc'], 'Close the span'],
  [['f'], 'Fit the span'],
  [['0'], 'Fit the whole trace'],
  [['+', '-'], 'Zoom in, out (or Ctrl and wheel)'],
  [['a', 'd'], 'Move left, right (or Shift and wheel)'],
  [['/'], 'Find; Enter and Shift Enter go to the next and previous'],
  [['c'], 'Next on the critical path'],
  [['e'], 'Next error'],
  [['[', ']'], 'Collapse all, expand all'],
  [['?'], 'This help'],
];
