import type { WriteStream } from 'node:tty';

/** Says what we wait for: one line that is written over on a terminal, lines elsewhere. */
export class Progress {
  readonly #out: NodeJS.WriteStream | WriteStream;
  readonly #overwrite: boolean;
  #shown = false;

  /** `overwrite` false where other lines may come between. */
  constructor(out: NodeJS.WriteStream, overwrite: boolean) {
    this.#out = out;
    this.#overwrite = overwrite && out.isTTY;
  }

  /** Replaces the text on a terminal. */
  show(text: string): void {
    if (!this.#overwrite) {
      this.#out.write(`${text}\n`);
      return;
    }
    const width = Math.max(20, (this.#out.columns || 80) - 1);
    this.#out.write(`\r\x1b[K${text.slice(0, width)}`);
    this.#shown = true;
  }

  /** Lines that stay. */
  print(text: string): void {
    this.clear();
    this.#out.write(`${text}\n`);
  }

  clear(): void {
    if (this.#shown) this.#out.write('\r\x1b[K');
    this.#shown = false;
  }
}
