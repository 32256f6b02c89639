const terminalEveryMillis = 100;
const logEveryMillis = 10_000;

/** Shows how far a command is, on standard error: one line that changes, or, in a log, a line now and then. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #shownAt = performance.now();

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  show(text: string): void {
    const now = performance.now();
    const isTerminal = this.#stream.isTTY;
    if (now - this.#shownAt < (isTerminal ? terminalEveryMillis : logEveryMillis)) return;
    this.#shownAt = now;
    this.#stream.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
  }

  /** So that what comes next begins on a line of its own. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}

export function formatShare(done: number, total: number): string {
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  return `${formatBytes(done)} of ${formatBytes(total)} (${percent} %)`;
}

/** In powers of 1,000, as `--retention size=` counts. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1_000 && unit < units.length - 1; unit += 1) value /= 1_000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
