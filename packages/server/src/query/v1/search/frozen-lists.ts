import { randomBytes } from 'node:crypto';
import type { SearchedDto } from '@spanwise/api';
import type { TraceId } from '@spanwise/model';

const idBytes = 16;

export interface FrozenList {
  readonly ids: readonly TraceId[];
  readonly searched: SearchedDto;
}

/**
 * Lists of traces whose order may change while somebody turns their pages: kept as they were when the first page was
 * asked for. Bounded by number and age; what was used longest ago goes first.
 */
export class FrozenLists {
  readonly #lists = new Map<
    string,
    { readonly ids: Uint8Array; readonly searched: SearchedDto; readonly untilMillis: number }
  >();
  readonly #most: number;
  readonly #lifeMillis: number;
  readonly #clock: () => number;

  constructor(most: number, lifeMillis: number, clock: () => number) {
    this.#most = most;
    this.#lifeMillis = lifeMillis;
    this.#clock = clock;
  }

  /** Gives: the name under which it is found. 16 bytes an id. */
  add({ ids, searched }: FrozenList): string {
    this.#forgetOld();
    const name = randomBytes(12).toString('base64url');
    this.#lists.set(name, {
      ids: Buffer.from(ids.join(''), 'hex'),
      searched,
      untilMillis: this.#clock() + this.#lifeMillis,
    });
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= this.#most) break;
      this.#lists.delete(oldest);
    }
    return name;
  }

  /** Absence: undefined when the list is forgotten. */
  find(name: string): FrozenList | undefined {
    this.#forgetOld();
    const list = this.#lists.get(name);
    if (list === undefined) return undefined;
    this.#lists.delete(name);
    this.#lists.set(name, list);
    const hex = Buffer.from(list.ids).toString('hex');
    const ids = Array.from(
      { length: list.ids.length / idBytes },
      (_, index) => hex.slice(index * 2 * idBytes, (index + 1) * 2 * idBytes) as TraceId,
    );
    return { ids, searched: list.searched };
  }

  #forgetOld(): void {
    const now = this.#clock();
    for (const [name, { untilMillis }] of this.#lists) if (untilMillis <= now) this.#lists.delete(name);
  }
}
