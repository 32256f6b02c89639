/** Requests acknowledged lately: a sender that lost the answer sends again. Bounded in time and number. */
export class RequestMemory {
  readonly #millis: number;
  readonly #maxEntries: number;
  /** Key to time of acknowledgement, oldest first. */
  readonly #times = new Map<string, number>();

  constructor(millis: number, maxEntries: number) {
    this.#millis = millis;
    this.#maxEntries = maxEntries;
  }

  add(key: string, atMillis: number): void {
    this.#times.delete(key);
    this.#times.set(key, atMillis);
    this.#forget(atMillis);
  }

  has(key: string, now: number): boolean {
    const at = this.#times.get(key);
    return at !== undefined && now - at <= this.#millis;
  }

  #forget(now: number): void {
    for (const [key, at] of this.#times) {
      if (now - at <= this.#millis && this.#times.size <= this.#maxEntries) return;
      this.#times.delete(key);
    }
  }
}
