import type { Attributes } from '@opentelemetry/api';
import {
  databaseSystemKeys,
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
import { ruleBehind } from './gate-keys.ts';

/** Nobody nests attributes so deep; what is deeper goes, and a value that contains itself ends. */
const MAX_DEPTH = 16;

const DROPPED = Symbol('dropped');

export interface GatedAttributes {
  readonly attributes: Attributes;
  readonly isChanged: boolean;
  /** Values that went, those inside maps included. */
  readonly droppedCount: number;
}

/**
 * Attributes without content and with masked URLs and query texts; on agent spans (`isAgent`) without exception
 * messages and with long texts under unknown keys reduced to their length. The same object comes back where nothing had to go; the given one is never changed.
 */
export function gateAttributes(attributes: Attributes, isAgent: boolean): GatedAttributes {
  const walk = new GateWalk(isAgent, attributes);
  const gated = walk.gateMap(attributes, noPathEnds, false, 0);
  return {
    attributes: gated as Attributes,
    isChanged: gated !== attributes,
    droppedCount: walk.droppedCount,
  };
}

/** The same for a log record's body. */
export function gateBody(body: unknown, isAgent: boolean): unknown {
  const gated = new GateWalk(isAgent, {}).gateValue(body, noPathEnds, false, 0);
  return gated === DROPPED ? undefined : gated;
}

type ValueMap = Readonly<Record<string, unknown>>;

class GateWalk {
  droppedCount = 0;
  readonly #isAgent: boolean;
  readonly #attributes: Attributes;

  constructor(isAgent: boolean, attributes: Attributes) {
    this.#isAgent = isAgent;
    this.#attributes = attributes;
  }

  /** `isKnown`: some table names what the map is about. */
  gateMap(map: ValueMap, ends: PathEnds, isKnown: boolean, depth: number): ValueMap {
    let kept: Record<string, unknown> | undefined;
    for (const key in map) {
      const value = map[key];
      const gated = this.#gateEntry(key, value, ends, isKnown, depth);
      if (gated === value) continue;
      kept ??= { ...map };
      if (gated === DROPPED) {
        delete kept[key];
        this.droppedCount += 1;
      } else kept[key] = gated;
    }
    return kept ?? map;
  }

  /** Below a key that may stay. */
  gateValue(value: unknown, ends: PathEnds, isKnown: boolean, depth: number): unknown {
    if (typeof value === 'string') return this.#isAgent && !isKnown ? withoutLongText(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Uint8Array) {
      return this.#isAgent && !isKnown && value.length > longText.bytes ? DROPPED : value;
    }
    if (depth === MAX_DEPTH) return DROPPED;
    if (!Array.isArray(value)) return this.gateMap(value as ValueMap, ends, isKnown, depth + 1);
    let changed: unknown[] | undefined;
    for (const [index, item] of value.entries()) {
      const gated = this.gateValue(item, ends, isKnown, depth + 1);
      if (gated === item) continue;
      changed ??= [...value];
      if (gated === DROPPED) this.droppedCount += 1;
      changed[index] = gated === DROPPED ? null : gated;
    }
    return changed ?? value;
  }

  #gateEntry(key: string, value: unknown, ends: PathEnds, isKnown: boolean, depth: number): unknown {
    const rule = ruleBehind(key, ends);
    switch (rule) {
      case 'drop':
        return DROPPED;
      case 'drop on agent spans':
        return this.#isAgent ? DROPPED : value;
      case 'reduce stack on agent spans':
        if (!this.#isAgent) return value;
        return typeof value === 'string' ? reduceStack(value) : DROPPED;
      case 'mask URL':
        return maskTexts(value, maskUrl);
      case 'mask resource URI':
        return maskTexts(value, maskResourceUri);
      case 'mask query':
        return maskTexts(value, maskQuery);
      case 'mask query text':
        return maskTexts(value, (text) => maskQueryText(text, this.#databaseSystem()));
      default: {
        const isKnownHere = isKnown || rule === 'keep';
        if (typeof value === 'string') return this.gateValue(value, ends, isKnownHere, depth);
        if (typeof value !== 'object' || value === null) return value;
        return this.gateValue(value, pathEndsBehind(key, ends), isKnownHere, depth);
      }
    }
  }

  #databaseSystem(): string {
    for (const key of databaseSystemKeys) {
      const system = this.#attributes[key];
      if (typeof system === 'string') return system;
    }
    return '';
  }
}

function withoutLongText(text: string): string {
  return isLongText(text) ? reducedText(Buffer.byteLength(text)) : text;
}

/** Texts and lists of texts, masked. Anything else under such a key is nothing that we know how to mask. */
function maskTexts(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value);
  if (value === undefined || value === null) return value;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return DROPPED;
  const masked = value.map(mask);
  return masked.every((text, index) => text === value[index]) ? value : masked;
}
