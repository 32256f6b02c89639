import {
  type AttributeList,
  type AttributeValue,
  attributeRemoved,
  attributeTypes,
  type KeyTable,
} from '@spanwise/model';
import {
  isLongText,
  longText,
  maskQuery,
  maskQueryText,
  maskResourceUri,
  maskUrl,
  noPathEnds,
  type PathEnds,
  pathEndsBehind,
  reducedText,
  reduceStack,
} from '@spanwise/semconv';
import { type PayloadPlace, type PayloadWriter, payloadPlaces } from '@spanwise/store/rows';
import type { ContentMode } from '../decode-result.ts';
import {
  actionMask,
  classifyKey,
  contentMarkers,
  eventMetadataFlag,
  gateActions,
  knownFlag,
} from '../key-flags.ts';
import { hashOf } from './content-hash.ts';
import { type ElementKind, elementKinds } from './element-kind.ts';
import { GateCounts, type GateReason, gateReasons } from './gate-counts.ts';
import { databaseSystem, hasUrlSecrets, isShort } from './list-texts.ts';
import { QueryTextMasks } from './query-text-masks.ts';

/** Markers of the modes that keep something. */
const apartKeys: Readonly<Partial<Record<ContentMode, string>>> = {
  hash: contentMarkers.hashed,
  full: contentMarkers.kept,
};

/** Names in maps repeat; those of strangers who put data into names are not remembered. */
const maxRememberedKeys = 4_096;
const maxRememberedLength = 128;

/** Where a nested value is going: what stays in the row, or what the payload table gets beside it. */
type Destination = 'row' | 'payload';

/**
 * Takes content out of attributes before anything is written anywhere. Works on the flyweights in place; for a
 * key that is neither content nor masked, the cost is one look at its flags.
 *
 * What stays in the row is the same in the modes `none`, `hash` and `full`. What the last two keep goes to
 * `payload`, and so do values that are too large for a row that everybody reads.
 */
export class Gate {
  /** Of the current element, until its `mark`. */
  readonly counts: GateCounts;
  readonly #mode: ContentMode;
  readonly #key: Uint8Array;
  readonly #keys: KeyTable;
  readonly #maxInlineBytes: number;
  #payload: PayloadWriter;
  readonly #queryTexts = new QueryTextMasks();
  /** Of keys inside maps, which no table has seen as bytes. */
  readonly #nestedFlagsByKey = new Map<string, number>();

  /**
   * Mode `hash` without a key is `none`: a plain hash of a short prompt can be guessed. `payload`: until `keepIn`.
   */
  constructor(
    mode: ContentMode,
    key: Uint8Array | undefined,
    keys: KeyTable,
    maxInlineBytes: number,
    payload: PayloadWriter,
  ) {
    this.#mode = mode === 'hash' && (key === undefined || key.length === 0) ? 'none' : mode;
    this.#key = key ?? new Uint8Array(0);
    this.#keys = keys;
    this.#maxInlineBytes = maxInlineBytes;
    this.#payload = payload;
    this.counts = new GateCounts(apartKeys[this.#mode]);
  }

  /** What is kept apart from now on belongs there. */
  keepIn(payload: PayloadWriter, place: PayloadPlace, position = 0): void {
    this.#payload = payload;
    payload.at(place, position);
  }

  filter(list: AttributeList, kind: ElementKind): void {
    const flags = this.#keys.flags;
    const { count, keyIds, types } = list;
    const strict = this.#strict(kind);
    for (let index = 0; index < count; index += 1) {
      const keyFlags = flags[keyIds[index]!]!;
      const action = keyFlags & actionMask;
      const type = types[index]!;
      if (action === gateActions.keep && !strict && type <= attributeTypes.bytes) continue;
      if (type === attributeRemoved) continue;
      this.#filterOne(list, index, keyFlags, kind);
    }
    if (list.largeCount > 0) this.#moveLarge(list);
  }

  /** A status message; undefined when it may stay as it is. */
  statusMessage(bytes: Uint8Array, start: number, end: number, kind: ElementKind): string | undefined {
    if (start === end || !this.#strict(kind)) return undefined;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    this.counts.reduce(gateReasons.sideDoor);
    if (this.keepsContent) this.#payload.addAt(payloadPlaces.statusMessage, this.#keptText(text.toString()));
    return reducedText(text.length);
  }

  /** The body of a log record, in place. `kind` is that of the record's event. */
  filterBody(body: AttributeList, kind: ElementKind): void {
    if (body.count === 0 || body.types[0] === attributeTypes.empty) return;
    if (kind === elementKinds.contentEvent) this.#dropContent(body, 0, gateReasons.contentEvent);
    else this.filter(body, kind);
  }

  /** Whether an operator wants content kept, as a hash or whole. */
  get keepsContent(): boolean {
    return apartKeys[this.#mode] !== undefined;
  }

  #strict(kind: ElementKind): boolean {
    return kind !== elementKinds.ordinary || this.#mode === 'strict';
  }

  #filterOne(list: AttributeList, index: number, flags: number, kind: ElementKind): void {
    const action = flags & actionMask;
    if (action === gateActions.reserved) {
      list.remove(index);
      return;
    }
    if (action === gateActions.content) {
      this.#dropContent(list, index, gateReasons.contentKey);
      return;
    }
    if (kind === elementKinds.contentEvent && (flags & eventMetadataFlag) === 0) {
      this.#dropContent(list, index, gateReasons.contentEvent);
      return;
    }
    const type = list.types[index]!;
    if (type === attributeTypes.string) this.#filterText(list, index, flags, kind);
    else if (type === attributeTypes.bytes) this.#filterBytes(list, index, flags, kind);
    else if (type >= attributeTypes.array) this.#filterNested(list, index, flags, kind);
  }

  #filterText(list: AttributeList, index: number, flags: number, kind: ElementKind): void {
    const action = flags & actionMask;
    const length = list.ends[index]! - list.starts[index]!;
    if (length === 0) return;
    if (action === gateActions.keep && ((flags & knownFlag) !== 0 || isShort(list, index))) return;
    if (action === gateActions.url && !hasUrlSecrets(list, index)) return;
    if (action === gateActions.queryText) {
      this.#filterQueryText(list, index);
      return;
    }
    const before = list.value(index) as string;
    const content = this.counts.content;
    const after = this.#filteredString(before, flags, kind, list, 'row');
    if (after === before) return;
    if (this.counts.content > content) this.#keepApart(list, index);
    list.replace(index, after);
  }

  #filterQueryText(list: AttributeList, index: number): void {
    const masked = this.#queryTexts.maskedAt(list, index);
    if (masked === undefined) return;
    this.counts.reduce(gateReasons.queryText);
    list.replace(index, masked);
  }

  #filterBytes(list: AttributeList, index: number, flags: number, kind: ElementKind): void {
    if (!this.#strict(kind) || (flags & knownFlag) !== 0) return;
    if (list.ends[index]! - list.starts[index]! <= longText.bytes) return;
    this.#dropContent(list, index, gateReasons.unknownKey);
  }

  #filterNested(list: AttributeList, index: number, flags: number, kind: ElementKind): void {
    const ends = pathEndsBehind(list.key(index), noPathEnds);
    const sent = list.value(index);
    const content = this.counts.content;
    const inRow = this.#filterValue(sent, ends, flags, kind, list, 'row');
    if (this.keepsContent && this.counts.content > content) {
      this.#payload.add(list.key(index), this.#filterValue(sent, ends, flags, kind, list, 'payload'));
    }
    list.replace(index, inRow);
  }

  #filteredString(
    text: string,
    flags: number,
    kind: ElementKind,
    list: AttributeList,
    destination: Destination,
  ): string {
    const action = flags & actionMask;
    let after: string;
    let reason: GateReason;
    if (action === gateActions.keep || action === gateActions.sideDoor || action === gateActions.stack) {
      const isKeep = action === gateActions.keep;
      if (!this.#strict(kind)) return text;
      if (isKeep && ((flags & knownFlag) !== 0 || !isLongText(text))) return text;
      if (destination === 'payload') after = this.#keptText(text);
      else after = action === gateActions.stack ? reduceStack(text) : reducedText(Buffer.byteLength(text));
      reason = isKeep ? gateReasons.unknownKey : gateReasons.sideDoor;
    } else {
      after = masked(text, action, list);
      reason = action === gateActions.queryText ? gateReasons.queryText : gateReasons.url;
    }
    if (after !== text && destination === 'row') this.counts.reduce(reason);
    return after;
  }

  /** An array or map without the content in it. A key counts alone and behind each of the path's `ends`. */
  #filterValue(
    value: AttributeValue,
    ends: PathEnds,
    flags: number,
    kind: ElementKind,
    list: AttributeList,
    destination: Destination,
  ): AttributeValue {
    if (typeof value === 'string') return this.#filteredString(value, flags, kind, list, destination);
    if (value instanceof Map) {
      const kept = new Map<string, AttributeValue>();
      for (const [key, item] of value as ReadonlyMap<string, AttributeValue>) {
        const own = this.#nestedFlags(key, ends);
        if ((own & actionMask) === gateActions.content) {
          if (destination === 'payload') kept.set(key, this.#kept(item));
          else this.counts.drop(gateReasons.contentKey);
          continue;
        }
        const inner = own | (flags & knownFlag);
        kept.set(key, this.#filterValue(item, pathEndsBehind(key, ends), inner, kind, list, destination));
      }
      return kept;
    }
    if (Array.isArray(value)) {
      return (value as readonly AttributeValue[]).map((item) =>
        this.#filterValue(item, ends, flags, kind, list, destination),
      );
    }
    if (value instanceof Uint8Array && value.length > longText.bytes && this.#strict(kind)) {
      if (destination === 'payload') return this.#kept(value);
      this.counts.drop(gateReasons.unknownKey);
      return undefined;
    }
    return value;
  }

  /** Content wins; otherwise the first name that asks for something. */
  #nestedFlags(key: string, ends: PathEnds): number {
    let found = 0;
    for (const end of ends) {
      const flags = this.#flagsOf(end + key);
      if ((flags & actionMask) === gateActions.content) return flags;
      if ((found & actionMask) === gateActions.keep) found = flags | (found & knownFlag);
    }
    return found;
  }

  #flagsOf(key: string): number {
    let flags = this.#nestedFlagsByKey.get(key);
    if (flags === undefined) {
      flags = classifyKey(key);
      if (this.#nestedFlagsByKey.size < maxRememberedKeys && key.length <= maxRememberedLength) {
        this.#nestedFlagsByKey.set(key, flags);
      }
    }
    return flags;
  }

  #dropContent(list: AttributeList, index: number, reason: GateReason): void {
    this.#keepApart(list, index);
    this.counts.drop(reason);
    list.remove(index);
  }

  /** In the modes that keep content: the value as it was sent, URLs and query texts masked, or its hash. */
  #keepApart(list: AttributeList, index: number): void {
    if (!this.keepsContent) return;
    const value = list.value(index);
    const action = this.#keys.flags[list.keyIds[index]!]! & actionMask;
    this.#payload.add(
      list.key(index),
      this.#kept(typeof value === 'string' ? masked(value, action, list) : value),
    );
  }

  /** Call in a mode that keeps something. */
  #kept(value: AttributeValue): AttributeValue {
    return this.#mode === 'hash' ? hashOf(value, this.#key) : value;
  }

  #keptText(text: string): string {
    return this.#mode === 'hash' ? hashOf(text, this.#key) : text;
  }

  /** Out of the row, whole: of a resource and a scope never, since they stand in every row. */
  #moveLarge(list: AttributeList): void {
    const place = this.#payload.place;
    if (place === payloadPlaces.resourceAttribute || place === payloadPlaces.scopeAttribute) return;
    for (let index = 0; index < list.count; index += 1) {
      if (!this.#isLarge(list, index)) continue;
      this.#payload.addFrom(list, index);
      list.remove(index);
    }
  }

  #isLarge(list: AttributeList, index: number): boolean {
    const type = list.types[index]!;
    if (type !== attributeTypes.string && type < attributeTypes.bytes) return false;
    if (type === attributeRemoved || list.ends[index]! - list.starts[index]! <= this.#maxInlineBytes)
      return false;
    if (list.replaced[index] === 0 || type !== attributeTypes.string) return true;
    return Buffer.byteLength(list.value(index) as string) > this.#maxInlineBytes;
  }
}

/** The text without URL values or SQL literals, where its key says that it is a URL or a query. */
function masked(text: string, action: number, list: AttributeList): string {
  switch (action) {
    case gateActions.url:
      return maskUrl(text);
    case gateActions.resourceUri:
      return maskResourceUri(text);
    case gateActions.urlQuery:
      return maskQuery(text);
    case gateActions.queryText:
      return maskQueryText(text, databaseSystem(list));
    default:
      return text;
  }
}
