import { createHmac } from 'node:crypto';
import {
  type AttributeList,
  type AttributeValue,
  attributeRemoved,
  attributeTypes,
  KeyTable,
} from '@spanwise/model';
import {
  maskQuery,
  maskQueryText,
  maskResourceUri,
  maskUrl,
  noPathEnds,
  type PathEnds,
  pathEndsBehind,
} from '@spanwise/semconv';
import type { ContentMode } from '../decode-result.ts';
import {
  actionMask,
  agentFlag,
  classifyKey,
  contentDroppedKey,
  contentReducedKey,
  databaseSystemFlag,
  eventMetadataFlag,
  gateActions,
  knownFlag,
} from '../key-flags.ts';

/** On agent spans, text under an unknown key may be this long, and have this many words, before it is content. */
const maxUnknownBytes = 128;
const maxUnknownWords = 4;

/** How an element is looked at. */
export const elementKinds = {
  /** Side doors stay: people debug with exception messages. */
  ordinary: 0,
  /** Of a step of an agent: side doors are reduced. */
  agent: 1,
  /** An event that exists to carry messages: only known metadata stays. */
  contentEvent: 2,
} as const;
export type ElementKind = (typeof elementKinds)[keyof typeof elementKinds];

/** An element with that list on an element of kind `outer`: whoever carries an agent's key is a step of an agent. */
export function kindOf(list: AttributeList, outer: ElementKind): ElementKind {
  if (outer !== elementKinds.ordinary) return outer;
  const flags = list.keys.flags;
  let all = list.leftOutFlags;
  for (let index = 0; index < list.count; index += 1) all |= flags[list.keyIds[index]!]!;
  return (all & agentFlag) === 0 ? elementKinds.ordinary : elementKinds.agent;
}

/**
 * Takes content out of attributes before anything is written anywhere. Works on the flyweights in place; for a
 * key that is neither content nor masked, the cost is one look at its flags.
 */
export class Gate {
  /** Values taken out, and values reduced or masked, since the last `mark`. */
  dropped = 0;
  reduced = 0;
  readonly #mode: ContentMode;
  readonly #key: Uint8Array | undefined;
  readonly #keys: KeyTable;
  /** Query texts and database systems by their bytes: prepared statements repeat, and masking walks the text. */
  readonly #queryTexts = new KeyTable(1_024, 4_096, () => 0);
  /** By id of the query text: for which system it was masked, and what came out; undefined: nothing to mask. */
  readonly #masked: { readonly systemId: number; readonly text: string | undefined }[] = [];

  /** Mode `hash` without a key is `none`: a plain hash of a short prompt can be guessed. */
  constructor(mode: ContentMode, key: Uint8Array | undefined, keys: KeyTable) {
    this.#mode = mode === 'hash' && (key === undefined || key.length === 0) ? 'none' : mode;
    this.#key = key;
    this.#keys = keys;
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
  }

  /** A status message; undefined when it may stay as it is. */
  statusMessage(bytes: Uint8Array, start: number, end: number, kind: ElementKind): string | undefined {
    if (start === end || !this.#strict(kind)) return undefined;
    this.reduced += 1;
    return this.#reducedText(bytes.subarray(start, end));
  }

  /** The body of a log record, in place. `kind` is that of the record's event. */
  filterBody(body: AttributeList, kind: ElementKind): void {
    if (body.count === 0 || body.types[0] === attributeTypes.empty) return;
    if (kind === elementKinds.contentEvent && this.#mode !== 'full') {
      this.#dropContent(body, 0);
      return;
    }
    this.filter(body, kind);
  }

  /** Leaves on the element how many of its values were dropped and reduced, and starts to count anew. */
  mark(list: AttributeList): void {
    this.#markOne(list, contentDroppedKey, this.dropped);
    this.#markOne(list, contentReducedKey, this.reduced);
    this.dropped = 0;
    this.reduced = 0;
  }

  #strict(kind: ElementKind): boolean {
    if (this.#mode === 'full') return false;
    return kind !== elementKinds.ordinary || this.#mode === 'strict';
  }

  #filterOne(list: AttributeList, index: number, flags: number, kind: ElementKind): void {
    const action = flags & actionMask;
    if (action === gateActions.reserved) {
      list.remove(index);
      return;
    }
    const foreign = kind === elementKinds.contentEvent && (flags & eventMetadataFlag) === 0;
    if (action === gateActions.content || (foreign && this.#mode !== 'full')) {
      if (this.#mode !== 'full') this.#dropContent(list, index);
      return;
    }
    const type = list.types[index]!;
    if (type === attributeTypes.string) this.#filterText(list, index, flags, kind);
    else if (type === attributeTypes.bytes) this.#filterBytes(list, index, flags, kind);
    else if (type >= attributeTypes.array) {
      const ends = pathEndsBehind(list.key(index), noPathEnds);
      list.replace(index, this.#filterValue(list.value(index), ends, flags, kind, list));
    }
  }

  #filterText(list: AttributeList, index: number, flags: number, kind: ElementKind): void {
    if (list.replaced[index] === 0) {
      const action = flags & actionMask;
      const length = list.ends[index]! - list.starts[index]!;
      if (length === 0) return;
      if (action === gateActions.keep && ((flags & knownFlag) !== 0 || isShort(list, index))) return;
      if (action === gateActions.url && !hasUrlSecrets(list, index)) return;
      if (action === gateActions.queryText) {
        this.#filterQueryText(list, index);
        return;
      }
    }
    const before = list.value(index) as string;
    const after = this.#filteredString(before, flags, kind, list);
    if (after !== before) list.replace(index, after);
  }

  #filterQueryText(list: AttributeList, index: number): void {
    const texts = this.#queryTexts;
    if (texts.resetWhenCrowded()) this.#masked.length = 0;
    const systemIndex = databaseSystemIndex(list);
    const systemId =
      systemIndex < 0 ? -1 : texts.intern(list.bytes, list.starts[systemIndex]!, list.ends[systemIndex]!);
    const id = texts.intern(list.bytes, list.starts[index]!, list.ends[index]!);
    let masked = id < 0 ? undefined : this.#masked[id];
    if (masked?.systemId !== systemId) {
      const before = list.value(index) as string;
      const after = maskQueryText(before, databaseSystem(list));
      masked = { systemId, text: after === before ? undefined : after };
      if (id >= 0) this.#masked[id] = masked;
    }
    if (masked?.text === undefined) return;
    this.reduced += 1;
    list.replace(index, masked.text);
  }

  #filterBytes(list: AttributeList, index: number, flags: number, kind: ElementKind): void {
    if (!this.#strict(kind) || (flags & knownFlag) !== 0) return;
    if (list.ends[index]! - list.starts[index]! <= maxUnknownBytes) return;
    this.#dropContent(list, index);
  }

  #filteredString(text: string, flags: number, kind: ElementKind, list: AttributeList): string {
    let after = text;
    switch (flags & actionMask) {
      case gateActions.url:
        after = maskUrl(text);
        break;
      case gateActions.resourceUri:
        after = maskResourceUri(text);
        break;
      case gateActions.urlQuery:
        after = maskQuery(text);
        break;
      case gateActions.queryText:
        after = maskQueryText(text, databaseSystem(list));
        break;
      case gateActions.sideDoor:
        if (this.#strict(kind)) after = this.#reducedText(Buffer.from(text));
        break;
      default:
        if (this.#strict(kind) && (flags & knownFlag) === 0 && isLongText(text)) {
          after = this.#reducedText(Buffer.from(text));
        }
    }
    if (after !== text) this.reduced += 1;
    return after;
  }

  /** An array or map without the content in it. A key counts alone and behind each of the path's `ends`. */
  #filterValue(
    value: AttributeValue,
    ends: PathEnds,
    flags: number,
    kind: ElementKind,
    list: AttributeList,
  ): AttributeValue {
    if (typeof value === 'string') return this.#filteredString(value, flags, kind, list);
    if (value instanceof Map) {
      const kept = new Map<string, AttributeValue>();
      for (const [key, item] of value as ReadonlyMap<string, AttributeValue>) {
        const innerFlags = this.#nestedFlags(key, ends);
        if ((innerFlags & actionMask) !== gateActions.content || this.#mode === 'full') {
          const inner = this.#filterValue(
            item,
            pathEndsBehind(key, ends),
            innerFlags | (flags & knownFlag),
            kind,
            list,
          );
          kept.set(key, inner);
          continue;
        }
        this.dropped += 1;
        if (this.#mode === 'hash') kept.set(key, this.#hashOf(item));
      }
      return kept;
    }
    if (Array.isArray(value)) {
      return (value as readonly AttributeValue[]).map((item) =>
        this.#filterValue(item, ends, flags, kind, list),
      );
    }
    if (value instanceof Uint8Array && value.length > maxUnknownBytes && this.#strict(kind)) {
      this.dropped += 1;
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
    const id = this.#keys.internText(key);
    return id < 0 ? classifyKey(key) : this.#keys.flags[id]!;
  }

  #dropContent(list: AttributeList, index: number): void {
    this.dropped += 1;
    if (this.#mode === 'hash') list.replace(index, this.#hashOf(list.value(index)));
    else list.remove(index);
  }

  #reducedText(bytes: Uint8Array): string {
    return this.#mode === 'hash' ? this.#hashed(bytes) : `[reduced: ${bytes.length} bytes]`;
  }

  #hashOf(value: AttributeValue): string {
    if (value instanceof Uint8Array) return this.#hashed(value);
    return this.#hashed(
      Buffer.from(typeof value === 'string' ? value : (JSON.stringify(plain(value)) ?? '')),
    );
  }

  #hashed(bytes: Uint8Array): string {
    const hash = createHmac('sha256', this.#key!).update(bytes).digest('hex');
    return `[hmac-sha256: ${hash}, ${bytes.length} bytes]`;
  }

  #markOne(list: AttributeList, key: string, count: number): void {
    if (count === 0) return;
    const index = list.place(this.#keys.internText(key));
    if (index >= 0) list.setBits(index, attributeTypes.int, count, 0);
  }
}

/** True when the text under an unknown key is a label rather than prose. */
function isShort(list: AttributeList, index: number): boolean {
  const bytes = list.bytes;
  const end = list.ends[index]!;
  let position = list.starts[index]!;
  if (end - position > maxUnknownBytes) return false;
  let words = 1;
  for (; position < end; position += 1) {
    const byte = bytes[position]!;
    // Space, line feed, tab, carriage return.
    if (byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d) words += 1;
  }
  return words <= maxUnknownWords;
}

function isLongText(text: string): boolean {
  return Buffer.byteLength(text) > maxUnknownBytes || text.split(/[ \t\r\n]/).length > maxUnknownWords;
}

/** True when the URL has a query, a fragment or user information; most have none. */
function hasUrlSecrets(list: AttributeList, index: number): boolean {
  const bytes = list.bytes;
  const end = list.ends[index]!;
  for (let position = list.starts[index]!; position < end; position += 1) {
    const byte = bytes[position]!;
    if (byte === 0x3f || byte === 0x23 || byte === 0x40) return true;
  }
  return false;
}

function databaseSystem(list: AttributeList): string {
  const index = databaseSystemIndex(list);
  return index < 0 ? '' : (list.value(index) as string);
}

function databaseSystemIndex(list: AttributeList): number {
  for (let index = 0; index < list.count; index += 1) {
    if ((list.keys.flags[list.keyIds[index]!]! & databaseSystemFlag) === 0) continue;
    if (list.types[index] === attributeTypes.string) return index;
  }
  return -1;
}

/** What `JSON.stringify` can take: for a hash, not to be read back. */
function plain(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Map) return Array.from(value, ([key, item]) => [key, plain(item as AttributeValue)]);
  return Array.isArray(value) ? value.map((item) => plain(item as AttributeValue)) : value;
}
