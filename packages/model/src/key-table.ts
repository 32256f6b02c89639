const lossyDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Attribute keys by their bytes: a key that was seen before costs a hash and a comparison, no string. An id
 * indexes `flags`, which holds what `classify` said about the key, so that a decision about a key is made once
 * and not once per attribute.
 *
 * Bounded: strangers choose the keys. `resetWhenCrowded` forgets all of them; ids are valid until then.
 */
export class KeyTable {
  /** By id: what `classify` said. */
  readonly flags: Int32Array;
  readonly #classify: (key: string) => number;
  readonly #capacity: number;
  readonly #maxKeyBytes: number;
  readonly #names: string[] = [];
  /** Open addressing: id + 1, or 0. */
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;
  /** All keys' bytes; key `id` is `#ends[id - 1]` to `#ends[id]`. */
  #arena: Uint8Array = new Uint8Array(16_384);
  readonly #ends: Int32Array;
  #count = 0;
  #repairs = 0;
  /** Unknown to senders: they can't choose keys that collide. */
  readonly #seed = Math.trunc(Math.random() * 0x1_0000_0000);
  /** The key that followed each key last time: instrumentations write the same keys in the same order. */
  readonly #successors: Int32Array;
  #last = 0;
  /** For lists that look for repeated keys: where a key stands in the list with this stamp. */
  readonly #stamps: Int32Array;
  readonly #places: Int32Array;
  #stamp = 0;

  /**
   * `capacity`: ids in use at one time, a power of two. Longer keys than `maxKeyBytes` have no id.
   * `classify`: the consumer's verdict about a key, any 32 bits.
   */
  constructor(capacity: number, maxKeyBytes: number, classify: (key: string) => number) {
    this.#capacity = capacity;
    this.#maxKeyBytes = maxKeyBytes;
    this.#classify = classify;
    this.flags = new Int32Array(capacity);
    this.#slots = new Int32Array(capacity * 2);
    this.#hashes = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
    this.#successors = new Int32Array(capacity);
    this.#stamps = new Int32Array(capacity);
    this.#places = new Int32Array(capacity);
  }

  /** Keys that were not UTF-8 and stand here repaired, so far. */
  get repairs(): number {
    return this.#repairs;
  }

  /** The id of the key in `bytes`, or -1: too long, or the table is full. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const guess = this.#successors[this.#last]!;
    if (guess < this.#count && this.#equals(guess, bytes, start, length)) {
      this.#last = guess;
      return guess;
    }
    const id = this.#find(bytes, start, end);
    if (id >= 0) {
      this.#successors[this.#last] = id;
      this.#last = id;
    }
    return id;
  }

  #find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    // FNV-1a, seeded: keys are short, and so is it.
    let hash = this.#seed ^ length;
    for (let position = start; position < end; position += 1) {
      hash = Math.imul(hash ^ bytes[position]!, 0x01000193);
    }
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const id = slots[slot]! - 1;
      if (id < 0) return this.#add(bytes, start, end, hash, slot);
      if (this.#hashes[id] === hash && this.#equals(id, bytes, start, length)) return id;
      slot = (slot + 1) & mask;
    }
  }

  /** The id of `key`, or -1 as above. */
  internText(key: string): number {
    const bytes = encoder.encode(key);
    return this.intern(bytes, 0, bytes.length);
  }

  name(id: number): string {
    return this.#names[id]!;
  }

  /** Where the bytes of key `id` are: `arena.subarray(startOf(id), endOf(id))`; valid until the next `intern`. */
  get arena(): Uint8Array {
    return this.#arena;
  }

  startOf(id: number): number {
    return id === 0 ? 0 : this.#ends[id - 1]!;
  }

  endOf(id: number): number {
    return this.#ends[id]!;
  }

  /** Call where nobody refers to ids any more. True: they are forgotten. */
  resetWhenCrowded(): boolean {
    if (this.#count <= this.#capacity / 2) return false;
    this.#slots.fill(0);
    this.#stamps.fill(0);
    this.#stamp = 0;
    this.#names.length = 0;
    this.#count = 0;
    this.#last = 0;
    return true;
  }

  /** Begins a list: gives the stamp that `placeOf` wants. */
  nextStamp(): number {
    if (this.#stamp === 0x7fffffff) {
      this.#stamps.fill(0);
      this.#stamp = 0;
    }
    this.#stamp += 1;
    return this.#stamp;
  }

  /** The place of key `id` in the list with this stamp; notes `next` as its place when it is new there. */
  placeOf(id: number, stamp: number, next: number): number {
    if (this.#stamps[id] === stamp) return this.#places[id]!;
    this.#stamps[id] = stamp;
    this.#places[id] = next;
    return next;
  }

  #equals(id: number, bytes: Uint8Array, start: number, length: number): boolean {
    const arena = this.#arena;
    const from = this.startOf(id);
    if (this.#ends[id]! - from !== length) return false;
    for (let index = 0; index < length; index += 1) {
      if (arena[from + index] !== bytes[start + index]) return false;
    }
    return true;
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const length = end - start;
    if (length > this.#maxKeyBytes) return -1;
    const name = lossyDecoder.decode(bytes.subarray(start, end));
    if (name.includes('\ufffd')) {
      const repaired = encoder.encode(name);
      if (!sameBytes(repaired, bytes, start, end)) {
        this.#repairs += 1;
        return this.#find(repaired, 0, repaired.length);
      }
    }
    if (this.#count === this.#capacity) return -1;
    const id = this.#count;
    this.#count += 1;
    const from = this.startOf(id);
    this.#reserve(from + length);
    this.#arena.set(bytes.subarray(start, end), from);
    this.#ends[id] = from + length;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    this.#stamps[id] = 0;
    this.#names[id] = name;
    this.flags[id] = this.#classify(name);
    return id;
  }

  #reserve(size: number): void {
    if (size <= this.#arena.length) return;
    const arena = new Uint8Array(Math.max(size, this.#arena.length * 2));
    arena.set(this.#arena);
    this.#arena = arena;
  }
}

function sameBytes(left: Uint8Array, right: Uint8Array, start: number, end: number): boolean {
  if (left.length !== end - start) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[start + index]) return false;
  return true;
}
