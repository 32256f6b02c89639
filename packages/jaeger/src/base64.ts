/** `String.fromCharCode` takes its bytes as arguments; engines refuse more than about 65,000. */
const chunkBytes = 0x8000;

/** Standard alphabet, padded. (RFC 4648 section 4.) `Uint8Array.prototype.toBase64` is not in Node 24. */
export function formatBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    binary += String.fromCharCode(...bytes.subarray(start, start + chunkBytes));
  }
  return btoa(binary);
}

/**
 * Parses the standard and the URL-safe alphabet, padded or not.
 * Absence: undefined when it is neither.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return undefined;
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
