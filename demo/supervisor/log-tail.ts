/** The last lines that a process wrote, kept to be shown should it fail. */
export class LogTail {
  /** Enough for a stack trace and what led to it. */
  static readonly #maxLines = 60;
  /** A longer line is cut, so that the tail has a bound in bytes too. */
  static readonly #maxLineLength = 2_000;

  readonly #lines: string[] = [];

  push(line: string): void {
    this.#lines.push(line.slice(0, LogTail.#maxLineLength));
    if (this.#lines.length > LogTail.#maxLines) this.#lines.shift();
  }

  /** At most `count` of the newest lines, oldest first. */
  last(count: number): readonly string[] {
    return this.#lines.slice(-count);
  }
}
