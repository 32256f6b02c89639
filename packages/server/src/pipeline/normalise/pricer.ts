import { type AttributeList, KeyTable } from '@spanwise/model';
import { modelOperations } from '@spanwise/semconv';
import { costOf, listedPrices, type Price, PriceList } from '@spanwise/semconv/prices';
import type { AgentFields } from '@spanwise/store/rows';

/** `AgentFields.costState` of a cost that we made of counts and prices. */
const computed = 2;
const millisPerDay = 86_400_000;

/**
 * Says what model calls cost whose sender did not say so, by the prices of the day on which they began. Where the
 * price or a count is unknown, so is the cost. Agents and workflows that repeat the usage of their calls get none.
 */
export class Pricer {
  readonly #prices: PriceList;
  /** Names of models, which repeat. */
  readonly #models = new KeyTable(1_024, 256, () => 0);
  #day = -1;
  #dayText = '';

  /** `own`: an operator's prices, which count before the listed ones. */
  constructor(own: readonly Price[]) {
    this.#prices = new PriceList(own, listedPrices);
  }

  /** Of the span whose fields these are; call before the gate takes values out. `startMillis`: Unix milliseconds. */
  price(fields: AgentFields, attributes: AttributeList, startMillis: number): void {
    if (fields.costState !== 0 || !modelOperations.has(fields.operation)) return;
    const model = this.#modelOf(fields, attributes);
    if (model === '') return;
    const price = this.#prices.find(fields.provider, model, this.#dayOf(startMillis));
    const cost = price === undefined ? -1 : costOf(price, fields);
    if (cost < 0) return;
    fields.cost = cost;
    fields.costState = computed;
  }

  /** The one that answered is the one that is billed; the one that was asked for where nobody named it. */
  #modelOf({ responseModelIndex, requestModelIndex }: AgentFields, attributes: AttributeList): string {
    const index = responseModelIndex >= 0 ? responseModelIndex : requestModelIndex;
    if (index < 0) return '';
    this.#models.resetWhenCrowded();
    const id = this.#models.intern(attributes.bytes, attributes.starts[index]!, attributes.ends[index]!);
    return id < 0 ? '' : this.#models.name(id);
  }

  #dayOf(millis: number): string {
    const day = Math.floor(millis / millisPerDay);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayText = new Date(day * millisPerDay).toISOString().slice(0, 10);
    }
    return this.#dayText;
  }
}
