import type { CSSProperties } from 'react';
import { serviceHues } from './service-slot.ts';

/** A service's colour by its place in the catalogue. Decoration: the name stands beside it or in a label. */
export function ServiceDot({ slot }: { readonly slot: number }) {
  const style = { '--dot': `var(--service-${slot % serviceHues})` } as CSSProperties;
  return (
    <span
      className={slot >= serviceHues ? 'service-dot striped' : 'service-dot'}
      style={style}
      aria-hidden="true"
    />
  );
}
