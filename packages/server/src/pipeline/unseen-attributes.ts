import { type AttributeList, type AttributeType, attributeRemoved, attributeTypes } from '@spanwise/model';
import { isLongText, longText } from '@spanwise/semconv';
import type { AttributeLevel, CatalogueEntry } from '@spanwise/store/rows';
import { limits } from '../limits.ts';
import { actionMask, gateActions } from './key-flags.ts';

const dayMillis = 86_400_000;
const levels: readonly AttributeLevel[] = ['span', 'resource', 'scope', 'event', 'link', 'log'];

/** A key at one level with one type. */
interface Known {
  readonly level: AttributeLevel;
  readonly key: string;
  readonly type: AttributeType;
  /** Hashes of the values seen. Undefined: values are not collected, or there are too many. */
  values: Set<number> | undefined;
}

/**
 * Notices attribute keys, and values of keys with few of them, that this worker has not met today: rows for the
 * catalogue. Looks at what the gate has let through; texts that read like sentences, and values of keys whose
 * values the gate ever changes, are not collected.
 *
 * Values are known by a hash of 32 bits: of a thousand values of a key, two look the same once in 10,000 keys.
 */
export class UnseenAttributes {
  #entries: CatalogueEntry[] = [];
  /** By level, key id and type; key ids are those of `KeyTable` until `forgetIds`. */
  #byId = levels.map((): (Known | undefined)[] => []);
  readonly #byName = new Map<string, Known>();
  #tenant = 0;
  #day = 0;

  /** Call before the rows of a request. A new day begins anew, so that the catalogue's rows live as long as spans. */
  begin(tenant: number, receivedAtMillis: number): void {
    const day = Math.floor(receivedAtMillis / dayMillis);
    if (day === this.#day && tenant === this.#tenant) return;
    this.#day = day;
    this.#tenant = tenant;
    this.#byName.clear();
    this.forgetIds();
  }

  /** Call when the key table has forgotten its ids. */
  forgetIds(): void {
    this.#byId = levels.map(() => []);
  }

  /** What was noticed since the last call. */
  take(): readonly CatalogueEntry[] {
    const entries = this.#entries;
    if (entries.length > 0) this.#entries = [];
    return entries;
  }

  /** Call after the gate, before the next element overwrites the list. */
  note(list: AttributeList, level: AttributeLevel): void {
    const known = this.#byId[levels.indexOf(level)]!;
    const { count, types, keyIds } = list;
    for (let index = 0; index < count; index += 1) {
      const type = types[index]!;
      if (type === attributeRemoved) continue;
      const slot = keyIds[index]! * 8 + type;
      const entry = known[slot] ?? this.#learn(known, slot, list, index, level);
      if (entry?.values !== undefined) this.#noteValue(entry, list, index);
    }
  }

  /** Absence: undefined when there are too many keys. */
  #learn(
    known: (Known | undefined)[],
    slot: number,
    list: AttributeList,
    index: number,
    level: AttributeLevel,
  ): Known | undefined {
    const key = list.key(index);
    const type = list.types[index] as AttributeType;
    const name = `${level} ${type} ${key}`;
    let entry = this.#byName.get(name);
    if (entry === undefined) {
      if (this.#byName.size >= limits.catalogueKeys.value) return undefined;
      const action = list.keys.flags[list.keyIds[index]!]! & actionMask;
      entry = { level, key, type, values: hasValues(type, action) ? new Set() : undefined };
      this.#byName.set(name, entry);
      this.#entries.push({ kind: 'key', level, key, type });
    }
    known[slot] = entry;
    return entry;
  }

  #noteValue(entry: Known, list: AttributeList, index: number): void {
    const values = entry.values!;
    const hash = hashOf(list, index);
    if (hash === undefined || values.has(hash)) return;
    const { level, key, type } = entry;
    if (values.size >= limits.catalogueValues.value) {
      entry.values = undefined;
      this.#entries.push({ kind: 'tooMany', level, key, type });
      return;
    }
    values.add(hash);
    const value = String(list.value(index));
    if (type !== attributeTypes.string || !isLongText(value)) {
      this.#entries.push({ kind: 'value', level, key, type, value });
    }
  }
}

function hasValues(type: AttributeType, action: number): boolean {
  if (action !== gateActions.keep) return false;
  return type === attributeTypes.string || type === attributeTypes.int || type === attributeTypes.bool;
}

/** Absence: undefined for what is no value for a list. */
function hashOf(list: AttributeList, index: number): number | undefined {
  if (list.types[index] !== attributeTypes.string)
    return list.lows[index]! ^ Math.imul(list.highs[index]!, 0x01000193);
  if (list.replaced[index] === 1) return undefined;
  const { bytes } = list;
  const start = list.starts[index]!;
  const end = list.ends[index]!;
  if (end - start > longText.bytes) return undefined;
  // FNV-1a.
  let hash = 0x811c9dc5;
  for (let position = start; position < end; position += 1) {
    hash = Math.imul(hash ^ bytes[position]!, 0x01000193);
  }
  return hash;
}
