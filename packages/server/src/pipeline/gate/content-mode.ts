import type { ContentMode } from '../decode-result.ts';

const modes: readonly string[] = ['none', 'strict', 'hash', 'full'] satisfies ContentMode[];

/** The mode of that name. Anything else is `none`: a spelling mistake must not let content in. */
export function contentMode(text: string | undefined): ContentMode {
  const name = text?.trim().toLowerCase() ?? '';
  return modes.includes(name) ? (name as ContentMode) : 'none';
}
