/**
 * The first distinct trace ids of a request. Asked once per span, so it compares bytes and makes hex only when
 * somebody asks for the result.
 */
export class TraceIdSet {
  readonly #capacity: number;
  readonly #ids: Uint8Array;
  /** Open addressing: index + 1, or 0. */
  readonly #slots: Int32Array;
  #count = 0;
  /** More distinct ids came than there was room for. */
  truncated = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#ids = new Uint8Array(capacity * 16);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2)));
  }

  clear(): void {
    this.#slots.fill(0);
    this.#count = 0;
    this.truncated = false;
  }

  add(bytes: Uint8Array, start: number): void {
    if (this.truncated) return;
    const mask = this.#slots.length - 1;
    // The right-most bytes: random in every generation of trace ids, also where 64-bit ids are padded on the left.
    let slot = (bytes[start + 15]! | (bytes[start + 14]! << 8)) & mask;
    for (;;) {
      const index = this.#slots[slot]! - 1;
      if (index < 0) break;
      if (this.#equals(index, bytes, start)) return;
      slot = (slot + 1) & mask;
    }
    if (this.#count === this.#capacity) {
      this.truncated = true;
      return;
    }
    for (let offset = 0; offset < 16; offset += 1)
      this.#ids[this.#count * 16 + offset] = bytes[start + offset]!;
    this.#count += 1;
    this.#slots[slot] = this.#count;
  }

  /** In order of arrival, 32 hex digits each. */
  toHex(): readonly string[] {
    const hex = Buffer.from(this.#ids.buffer, 0, this.#count * 16).toString('hex');
    return Array.from({ length: this.#count }, (_, index) => hex.slice(index * 32, index * 32 + 32));
  }

  #equals(index: number, bytes: Uint8Array, start: number): boolean {
    for (let offset = 0; offset < 16; offset += 1) {
      if (this.#ids[index * 16 + offset] !== bytes[start + offset]) return false;
    }
    return true;
  }
}
