/** Half of the weight is on about the last seven segments. */
const weight = 0.1;
const unknownMillis = 5_000;
const bounds = { least: 500, most: 60_000 } as const;

/** How fast the spool empties, to tell senders how long to wait. */
export class DrainRate {
  #bytesPerMilli: number | undefined;

  add(bytes: number, millis: number): void {
    const rate = bytes / Math.max(millis, 1);
    this.#bytesPerMilli =
      this.#bytesPerMilli === undefined ? rate : this.#bytesPerMilli * (1 - weight) + rate * weight;
  }

  /** How long until this many bytes are gone. */
  millisFor(bytes: number): number {
    if (this.#bytesPerMilli === undefined || this.#bytesPerMilli <= 0) return unknownMillis;
    return Math.round(Math.min(Math.max(bytes / this.#bytesPerMilli, bounds.least), bounds.most));
  }
}
