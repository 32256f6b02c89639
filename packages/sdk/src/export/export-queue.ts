/** What becomes of an item that finds the queue full. */
export interface QueuedItem<Item> {
  readonly item: Item;
  /** Estimated size when encoded. */
  readonly bytes: number;
  /** Errors and roots: dropped only when nothing ordinary is left. */
  readonly isKept: boolean;
}

export interface QueueLimits {
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
}

/**
 * What waits for the next batch, bounded by count and by bytes. When it is full, room is made by dropping the
 * oldest ordinary items, then the oldest kept ones: a trace that lost its middle still says who was asked and
 * what failed, and what is new is what somebody looks at. O(1) for each call, amortised.
 */
export class ExportQueue<Item> {
  readonly #limits: QueueLimits;
  readonly #ordinary = new Fifo<QueuedItem<Item>>();
  readonly #kept = new Fifo<QueuedItem<Item>>();
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Items waiting. */
  get size(): number {
    return this.#ordinary.size + this.#kept.size;
  }

  /** How large an item may be at all. */
  get maxBytes(): number {
    return this.#limits.maxQueueBytes;
  }

  /** Takes the item in and returns how many had to go for it. It must not be larger than {@link maxBytes}. */
  push(queued: QueuedItem<Item>): number {
    let dropped = 0;
    while (
      this.size > 0 &&
      (this.size >= this.#limits.maxQueueSize || this.#bytes + queued.bytes > this.#limits.maxQueueBytes)
    ) {
      const oldest = this.#ordinary.shift() ?? this.#kept.shift();
      this.#bytes -= oldest?.bytes ?? 0;
      dropped += 1;
    }
    (queued.isKept ? this.#kept : this.#ordinary).push(queued);
    this.#bytes += queued.bytes;
    return dropped;
  }

  /** The next batch, kept items first: at least one item if there is any, then as many as both bounds allow. */
  take(maxItems: number, maxBytes: number): Item[] {
    const items: Item[] = [];
    let bytes = 0;
    for (const fifo of [this.#kept, this.#ordinary]) {
      for (let next = fifo.first; next !== undefined; next = fifo.first) {
        if (items.length > 0 && (items.length >= maxItems || bytes + next.bytes > maxBytes)) break;
        fifo.shift();
        bytes += next.bytes;
        items.push(next.item);
      }
    }
    this.#bytes -= bytes;
    return items;
  }
}

/** A list that grows at one end and shrinks at the other. `Array.shift` would copy thousands of pointers per span. */
class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
