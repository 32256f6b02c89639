import { useSyncExternalStore } from 'react';

/** What a person chose on this machine. Kept in storage, and never touched by opening somebody's link. */
export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly zone: 'local' | 'utc';
  /** Share of the waterfall's width that names take, 0 to 1. */
  readonly nameShare: number;
  /** CSS pixels. */
  readonly panelWidth: number;
  /** Fields, as filters write them, whose values the search page counts. */
  readonly facets: readonly string[];
}

const storageKey = 'spanwise.preferences';
export const defaultPreferences: Preferences = {
  theme: 'system',
  zone: 'local',
  nameShare: 0.36,
  panelWidth: 400,
  facets: ['service', 'status', 'model'],
};

/** Each is a question to the server. */
const mostFacets = 20;

/** Reads what storage holds; a field that is missing or odd is the default. */
export function parsePreferences(text: string | null): Preferences {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '{}');
  } catch {
    return defaultPreferences;
  }
  if (typeof stored !== 'object' || stored === null) return defaultPreferences;
  const { theme, zone, nameShare, panelWidth, facets } = stored as Record<string, unknown>;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    zone: zone === 'utc' ? 'utc' : 'local',
    nameShare: numberWithin(nameShare, 0.1, 0.8) ?? defaultPreferences.nameShare,
    panelWidth: numberWithin(panelWidth, 240, 900) ?? defaultPreferences.panelWidth,
    facets: Array.isArray(facets)
      ? facets.filter((name) => typeof name === 'string' && name !== '').slice(0, mostFacets)
      : defaultPreferences.facets,
  };
}

function numberWithin(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}

let current = defaultPreferences;
const listeners = new Set<() => void>();

/** Call once, before the first render. */
export function loadPreferences(): void {
  try {
    current = parsePreferences(localStorage.getItem(storageKey));
  } catch {
    // Storage may be forbidden: then choices last as long as the page.
  }
  applyTheme();
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(current));
  } catch {
    // As above.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function applyTheme(): void {
  if (current.theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = current.theme;
}
