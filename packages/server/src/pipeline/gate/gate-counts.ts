import { type AttributeList, attributeTypes } from '@spanwise/model';
import { contentMarkers } from '../key-flags.ts';

/** Why a value did not stay as it was sent. */
export const gateReasons = {
  /** Its key names content. */
  contentKey: 0,
  /** It came on an event that carries messages, under a key that is no known metadata. */
  contentEvent: 1,
  /** Exception message, stack or status text on a step of an agent; in mode `strict` on anything. */
  sideDoor: 2,
  /** Long text or bytes there, under a key that no table names. */
  unknownKey: 3,
  url: 4,
  queryText: 5,
} as const;
export type GateReason = (typeof gateReasons)[keyof typeof gateReasons];

const reasonNames = [
  'content_key',
  'content_event',
  'side_door',
  'unknown_key',
  'url',
  'query_text',
] as const;

/** More values than this for one reason are told as this many. Six such counts fit into one number. */
const maxCount = 255;
const rememberedMarks = 1_024;

/** What happened to the values of one element, for its marker. */
export class GateCounts {
  /** Values that were content and not only masked. */
  content = 0;
  #dropped = 0;
  #reduced = 0;
  #apart = 0;
  readonly #apartKey: string | undefined;
  readonly #byReason = new Uint8Array(reasonNames.length);
  /** Texts of `spanwise.content.reasons` by the counts in them: they repeat from span to span. */
  readonly #texts = new Map<number, string>();

  /** `apartKey`: the marker of what is kept apart from the row; absent where nothing is. */
  constructor(apartKey: string | undefined) {
    this.#apartKey = apartKey;
  }

  get total(): number {
    return this.#dropped + this.#reduced + this.#apart;
  }

  drop(reason: GateReason): void {
    if (this.#apartKey === undefined) this.#dropped += 1;
    else this.#apart += 1;
    this.#count(reason);
  }

  reduce(reason: GateReason): void {
    if (this.#apartKey === undefined || isMask(reason)) this.#reduced += 1;
    else this.#apart += 1;
    this.#count(reason);
  }

  /** Leaves on the element what was counted, and begins anew. */
  mark(list: AttributeList): void {
    if (this.total === 0) return;
    markCount(list, contentMarkers.dropped, this.#dropped);
    markCount(list, contentMarkers.reduced, this.#reduced);
    if (this.#apartKey !== undefined) markCount(list, this.#apartKey, this.#apart);
    const index = list.place(list.keys.internText(contentMarkers.reasons));
    if (index >= 0) list.replace(index, this.#reasons());
    this.clear();
  }

  clear(): void {
    if (this.total === 0) return;
    this.#dropped = 0;
    this.#reduced = 0;
    this.#apart = 0;
    this.content = 0;
    this.#byReason.fill(0);
  }

  #count(reason: GateReason): void {
    if (!isMask(reason)) this.content += 1;
    if (this.#byReason[reason]! < maxCount) this.#byReason[reason]! += 1;
  }

  /** `content_key 2, url 1`. */
  #reasons(): string {
    let key = 0;
    for (const count of this.#byReason) key = key * (maxCount + 1) + count;
    let text = this.#texts.get(key);
    if (text === undefined) {
      text = reasonNames
        .map((name, reason) => [name, this.#byReason[reason]!] as const)
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ');
      if (this.#texts.size < rememberedMarks) this.#texts.set(key, text);
    }
    return text;
  }
}

/** What is masked is masked in every mode. */
function isMask(reason: GateReason): boolean {
  return reason >= gateReasons.url;
}

function markCount(list: AttributeList, key: string, count: number): void {
  if (count === 0) return;
  const index = list.place(list.keys.internText(key));
  if (index >= 0) list.setBits(index, attributeTypes.int, count, 0);
}
