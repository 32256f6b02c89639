/** Longer beginnings would part more, but every entry must have as many characters. */
const bucketLength = 2;

/**
 * Tells whether a key in lower case begins with one of `entries`; an entry `a.` also means `a` itself. Keys are
 * chosen by strangers, and some send a million different ones: each meets only the entries that begin as it does.
 */
export function createPrefixMatcher(entries: readonly string[]): (lower: string) => boolean {
  const buckets = new Map<string, string[]>();
  for (const entry of entries) {
    const start = entry.slice(0, bucketLength);
    buckets.set(start, [...(buckets.get(start) ?? []), entry]);
  }
  return (lower) => {
    const bucket = buckets.get(lower.slice(0, bucketLength));
    if (bucket === undefined) return false;
    for (const entry of bucket) {
      if (lower.startsWith(entry)) return true;
      if (lower.length === entry.length - 1 && entry.endsWith('.') && entry.startsWith(lower)) return true;
    }
    return false;
  };
}
