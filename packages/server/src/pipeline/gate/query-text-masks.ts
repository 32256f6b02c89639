import { type AttributeList, KeyTable } from '@spanwise/model';
import { maskQueryText } from '@spanwise/semconv';
import { databaseSystem, databaseSystemIndex } from './list-texts.ts';

/** Query texts without literals. Prepared statements repeat, and masking walks the text: each is masked once. */
export class QueryTextMasks {
  /** Query texts and database systems, by their bytes. */
  readonly #texts = new KeyTable(1_024, 4_096, () => 0);
  /** By id of the query text: for which system it was masked, and what came out; undefined: nothing to mask. */
  readonly #masked: { readonly systemId: number; readonly text: string | undefined }[] = [];

  /** The query text at `index` without its literals; undefined: it has none. */
  maskedAt(list: AttributeList, index: number): string | undefined {
    const texts = this.#texts;
    if (texts.resetWhenCrowded()) this.#masked.length = 0;
    const systemIndex = databaseSystemIndex(list);
    const systemId =
      systemIndex < 0 ? -1 : texts.intern(list.bytes, list.starts[systemIndex]!, list.ends[systemIndex]!);
    const id = texts.intern(list.bytes, list.starts[index]!, list.ends[index]!);
    const known = id < 0 ? undefined : this.#masked[id];
    if (known?.systemId === systemId) return known.text;
    const before = list.value(index) as string;
    const after = maskQueryText(before, databaseSystem(list));
    const text = after === before ? undefined : after;
    if (id >= 0) this.#masked[id] = { systemId, text };
    return text;
  }
}
