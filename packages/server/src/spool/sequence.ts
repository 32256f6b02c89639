import { join } from 'node:path';
import { readFileIfThere, replaceFile } from './durable-files.ts';

/** Numbers taken from the file at a time: one sync per so many segments. A restart skips what it did not use. */
const block = 1_000n;

/** Gives each segment a number above any that was ever given, though segments come and go. */
export class Sequence {
  readonly #path: string;
  #next: bigint;
  #reservedUpTo: bigint;
  #reserving: Promise<void> | undefined;

  private constructor(path: string, next: bigint) {
    this.#path = path;
    this.#next = next;
    this.#reservedUpTo = next - 1n;
  }

  /** Starts above what the folder remembers and above `after`. */
  static async open(directory: string, after: bigint): Promise<Sequence> {
    const path = join(directory, 'sequence');
    const text = (await readFileIfThere(path))?.toString().trim() ?? '0';
    const remembered = /^\d+$/.test(text) ? BigInt(text) : 0n;
    return new Sequence(path, (remembered > after ? remembered : after) + 1n);
  }

  /** Callers may overlap; the number is theirs when the promise resolves. */
  async take(): Promise<bigint> {
    const taken = this.#next;
    this.#next += 1n;
    while (taken > this.#reservedUpTo) {
      this.#reserving ??= this.#reserve(taken + block - 1n).finally(() => {
        this.#reserving = undefined;
      });
      await this.#reserving;
    }
    return taken;
  }

  async #reserve(upTo: bigint): Promise<void> {
    await replaceFile(this.#path, String(upTo));
    this.#reservedUpTo = upTo;
  }
}
