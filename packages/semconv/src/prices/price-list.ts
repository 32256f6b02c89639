import type { Price } from './price.ts';

/** Prices by provider and model. */
export class PriceList {
  /** By provider, then model; newest first. Provider `''`: whoever answers. */
  readonly #prices = new Map<string, Map<string, Price[]>>();

  /** Where two lists name the same provider and model, the one that comes first counts, with all of its days. */
  constructor(...lists: readonly (readonly Price[])[]) {
    for (const list of lists) {
      const own = new Set<Price[]>();
      for (const price of list) {
        for (const provider of price.providers.length === 0 ? [''] : price.providers) {
          for (const model of new Set(price.models.map(modelKey))) this.#add(provider, model, price, own);
        }
      }
    }
  }

  #add(provider: string, model: string, price: Price, own: Set<Price[]>): void {
    let models = this.#prices.get(provider);
    if (models === undefined) {
      models = new Map();
      this.#prices.set(provider, models);
    }
    const known = models.get(model);
    if (known === undefined) {
      const prices = [price];
      own.add(prices);
      models.set(model, prices);
    } else if (own.has(known)) {
      known.push(price);
      known.sort((a, b) => ((a.from ?? '') < (b.from ?? '') ? 1 : -1));
    }
  }

  /**
   * The price of a model on a day, `2026-07-30` (UTC). `provider` empty: nobody told; then the model must be one
   * that a single provider has. Absence: undefined, also before the first day of the first price.
   */
  find(provider: string, model: string, day: string): Price | undefined {
    const key = modelKey(model);
    const prices =
      this.#named(provider, key) ??
      (withoutDate(key) === key ? undefined : this.#named(provider, withoutDate(key)));
    return prices?.find(({ from }) => from === undefined || from <= day);
  }

  #named(provider: string, model: string): readonly Price[] | undefined {
    const named = this.#prices.get(provider)?.get(model) ?? this.#prices.get('')?.get(model);
    if (named !== undefined || provider !== '') return named;
    const found = [...this.#prices.values()].flatMap((models) => models.get(model) ?? []);
    const [first] = found;
    return found.every((price) => price.providers === first?.providers) ? found.slice() : undefined;
  }
}

/** `models/Gemini-2.5-Pro` and `gemini-2-5-pro` are one model: senders differ in case, folder and dots. */
export function modelKey(name: string): string {
  return name
    .slice(name.lastIndexOf('/') + 1)
    .toLowerCase()
    .replaceAll('.', '-');
}

/** A dated name means the model itself, unless the list has a price for that very date. */
function withoutDate(key: string): string {
  return key.replace(/[-@](?:20\d{2}-\d{2}-\d{2}|20\d{6})$/, '');
}
