/**
 * Bytes that all receivers together may hold in memory. Taken before bytes are read, so that the bound holds
 * however many connections there are.
 */
export class ByteCredit {
  readonly #total: number;
  #used = 0;

  constructor(totalBytes: number) {
    this.#total = totalBytes;
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** A share of the credit, still empty. */
  open(): CreditShare {
    let held = 0;
    return {
      take: (bytes) => {
        if (this.#used + bytes > this.#total) return false;
        this.#used += bytes;
        held += bytes;
        return true;
      },
      release: () => {
        this.#used -= held;
        held = 0;
      },
    };
  }
}

export interface CreditShare {
  /** False: there is not that much left, and nothing was taken. */
  take(bytes: number): boolean;
  /** Gives everything back. Idempotent. */
  release(): void;
}
