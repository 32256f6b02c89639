/** Tried first; then as many as the last message says would fit. */
const firstCount = 256;

/** Room for items larger than the last ones. */
const fill = 0.8;

/**
 * Splits `items` over encoded messages of at most `bytesMax` each, in order.
 * An item that is larger alone comes alone, as it is: what can't be split is better sent than kept.
 * Cost: lazy, one message at a time; an item is encoded again when its message came out too large.
 */
export function* messagesBelow<Item>(
  bytesMax: number,
  items: readonly Item[],
  encode: (items: readonly Item[]) => Uint8Array,
): Generator<Uint8Array> {
  let count = firstCount;
  for (let at = 0; at < items.length; ) {
    let part = items.slice(at, at + count);
    let message = encode(part);
    while (message.length > bytesMax && part.length > 1) {
      part = part.slice(0, Math.ceil(part.length / 2));
      message = encode(part);
    }
    yield message;
    at += part.length;
    count = Math.max(1, Math.floor((part.length * bytesMax * fill) / Math.max(1, message.length)));
  }
}
