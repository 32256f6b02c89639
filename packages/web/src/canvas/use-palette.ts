import { useEffect, useState } from 'react';
import { usePreferences } from '../state/preferences.ts';
import { type Palette, readPalette } from './palette.ts';

/** The tokens for the canvas, read anew when light turns to dark. */
export function usePalette(): Palette {
  const { theme } = usePreferences();
  const [palette, setPalette] = useState(() => readPalette(document.body));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides what the tokens are
  useEffect(() => {
    const update = () => setPalette(readPalette(document.body));
    update();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', update);
    return () => dark.removeEventListener('change', update);
  }, [theme]);
  return palette;
}
