import type { QueryParameter } from '../../engine.ts';

/** Values of one statement, under names that no other value of it has. */
export class StatementParameters {
  readonly values: Record<string, QueryParameter> = {};
  readonly #prefix: string;
  #count = 0;

  /** `prefix`: tells values of one part of a statement from those of another. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Gives: the place in the statement. */
  add(value: QueryParameter, type: string): string {
    const name = `${this.#prefix}${this.next()}`;
    this.values[name] = value;
    return `{${name}:${type}}`;
  }

  /** A number that is given once. */
  next(): number {
    this.#count += 1;
    return this.#count;
  }
}
