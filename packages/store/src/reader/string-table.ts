import type { RowBinaryCursor } from '../row-binary/cursor.ts';

/**
 * Numbers the different strings of a column. Compares bytes, so a repeated string costs no JavaScript string:
 * 100,000 rows hold a few hundred names.
 */
export class StringTable {
  readonly #strings: string[] = [];
  /** Start and length of the first occurrence of each string, in the bytes of the result. */
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  /** Open addressing: string number + 1, 0 is free. */
  #slots = new Int32Array(256);

  get strings(): readonly string[] {
    return this.#strings;
  }

  /** The number of the String at the cursor; -1 for the empty string when `emptyIsNone`. */
  read(cursor: RowBinaryCursor, emptyIsNone = false): number {
    const length = cursor.varint();
    if (length === 0 && emptyIsNone) return -1;
    const start = cursor.offset;
    const bytes = cursor.bytes;
    const mask = this.#slots.length - 1;
    let slot = hashOf(bytes, start, length) & mask;
    for (;;) {
      const number = this.#slots[slot]! - 1;
      if (number === -1) break;
      if (this.#lengths[number] === length && sameBytes(bytes, this.#starts[number]!, start, length)) {
        cursor.offset = start + length;
        return number;
      }
      slot = (slot + 1) & mask;
    }
    const number = this.#strings.length;
    this.#slots[slot] = number + 1;
    this.#starts.push(start);
    this.#lengths.push(length);
    this.#strings.push(cursor.text(length));
    if (this.#strings.length * 2 > this.#slots.length) this.#grow(bytes);
    return number;
  }

  #grow(bytes: Uint8Array): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#strings.length; number += 1) {
      let slot = hashOf(bytes, this.#starts[number]!, this.#lengths[number]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array, start: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < start + length; index += 1) {
    hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let index = 0; index < length; index += 1) if (bytes[a + index] !== bytes[b + index]) return false;
  return true;
}
