/**
 * On steps of agents, text under a key that no table names may be this long, and have this many words, before it
 * is taken for content. Names, ids, states and short labels stay.
 */
export const longText = { bytes: 128, words: 4 } as const;

/** Words end at spaces, tabs and line ends. */
export function isLongText(text: string): boolean {
  let words = 1;
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // Of a surrogate pair, each half is two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3;
    if (unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d) words += 1;
    if (words > longText.words || bytes > longText.bytes) return true;
  }
  return false;
}

/** What stands in place of a text that may not stay. */
export function reducedText(bytes: number): string {
  return `[reduced: ${bytes} bytes]`;
}
