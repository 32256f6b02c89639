import { type AttributeList, attributeTypes, KeyTable } from '@spanwise/model';
import {
  type AgentField,
  type AgentSource,
  agentSources,
  type Dialect,
  operationName,
  providerName,
} from '@spanwise/semconv';
import type { AgentFields } from '@spanwise/store/rows';
import { sourceShift } from '../key-flags.ts';

/** Every field once: its index is its place in the scratch arrays. */
const fields = [...new Set(agentSources.map((source) => source.field))];
const fieldOfSource = Int32Array.from(agentSources, (source) => fields.indexOf(source.field));

const place = Object.fromEntries(fields.map((field, index) => [field, index])) as Readonly<
  Record<AgentField, number>
>;

const noSource = 0x7fff_ffff;

/** Longer metadata than this is not looked into. */
const maxProviderMetadataBytes = 65_536;

/**
 * Makes of the many dialects of agent telemetry one set of columns. Per span it walks the attributes once and
 * looks at flags; only a span that carries a key of the dialect table is looked at further.
 */
export class Normaliser {
  /** Overwritten by the next span that has some. */
  readonly fields: AgentFields = {
    dialect: '',
    operation: '',
    provider: '',
    requestModelIndex: -1,
    responseModelIndex: -1,
    agentIndex: -1,
    toolIndex: -1,
    conversationIndex: -1,
    inputTokens: -1,
    outputTokens: -1,
    cacheReadTokens: -1,
    cacheWriteTokens: -1,
    reasoningTokens: -1,
    firstChunkNanos: -1,
    cost: Number.NaN,
    costState: 0,
  };
  /** All key flags of the last span together. */
  flags = 0;
  /** Per field: the most trusted source seen, and the attribute that it is. */
  readonly #source = new Int32Array(fields.length);
  readonly #index = new Int32Array(fields.length);
  /** Values of operation and provider, which repeat. */
  readonly #labels = new KeyTable(1_024, 256, () => 0);

  /** Looks at one span. True: `fields` holds what was found. Call before the gate takes values out. */
  read(list: AttributeList): boolean {
    const keyFlags = list.keys.flags;
    const { count, keyIds } = list;
    let all = 0;
    let found = false;
    for (let index = 0; index < count; index += 1) {
      const flags = keyFlags[keyIds[index]!]!;
      all |= flags;
      const source = (flags >>> sourceShift) - 1;
      if (source < 0) continue;
      if (!found) {
        this.#source.fill(noSource);
        found = true;
      }
      const field = fieldOfSource[source]!;
      if (source < this.#source[field]!) {
        this.#source[field] = source;
        this.#index[field] = index;
      }
    }
    this.flags = all;
    if (found) this.#resolve(list);
    return found;
  }

  #resolve(list: AttributeList): void {
    const result = this.fields;
    this.#labels.resetWhenCrowded();
    const operation = this.#sourceOf(place.operation);
    result.dialect = this.#dialect(operation);
    result.operation =
      operation === undefined ? '' : operationName(this.#label(list, place.operation), operation);
    const provider = this.#sourceOf(place.provider);
    result.provider =
      provider === undefined ? '' : providerName(this.#label(list, place.provider), provider.dialect);
    result.requestModelIndex = this.#textIndex(list, place.requestModel);
    result.responseModelIndex = this.#textIndex(list, place.responseModel);
    result.agentIndex = this.#textIndex(list, place.agent);
    result.toolIndex = this.#textIndex(list, place.tool);
    if (result.agentIndex < 0 && result.operation === 'invoke_agent') {
      result.agentIndex = this.#textIndex(list, place.entityName);
    }
    if (result.toolIndex < 0 && result.operation === 'execute_tool') {
      result.toolIndex = this.#textIndex(list, place.entityName);
    }
    result.conversationIndex = this.#textIndex(list, place.conversation);
    result.inputTokens = this.#count(list, place.inputTokens);
    result.outputTokens = this.#count(list, place.outputTokens);
    result.cacheReadTokens = this.#count(list, place.cacheReadTokens);
    result.cacheWriteTokens = this.#count(list, place.cacheWriteTokens);
    result.reasoningTokens = this.#count(list, place.reasoningTokens);
    if (this.#sourceOf(place.providerMetadata) !== undefined) this.#readProviderMetadata(list);
    this.#addUncountedCache();
    const firstChunk = this.#number(list, place.firstChunk);
    const nanosPerUnit = this.#sourceOf(place.firstChunk)?.unit === 'ms' ? 1e6 : 1e9;
    result.firstChunkNanos = firstChunk >= 0 ? boundedCount(Math.round(firstChunk * nanosPerUnit)) : -1;
    const cost = this.#number(list, place.cost);
    result.costState = cost >= 0 ? 1 : 0;
    result.cost = cost >= 0 ? cost : Number.NaN;
  }

  /**
   * The conventions count cached tokens as part of the input. Some producers send the uncached rest only: it
   * shows when the cached parts are more than the whole.
   */
  #addUncountedCache(): void {
    const result = this.fields;
    if (result.inputTokens < 0) return;
    const cached = Math.max(result.cacheReadTokens, 0) + Math.max(result.cacheWriteTokens, 0);
    if (cached > result.inputTokens) result.inputTokens += cached;
  }

  /** Cache counts that the AI SDK sends only inside its provider metadata, which the gate then drops. */
  #readProviderMetadata(list: AttributeList): void {
    const index = this.#textIndex(list, place.providerMetadata);
    if (index < 0 || list.ends[index]! - list.starts[index]! > maxProviderMetadataBytes) return;
    let metadata: unknown;
    try {
      metadata = JSON.parse(list.value(index) as string);
    } catch {
      return;
    }
    const result = this.fields;
    const anthropic = member(metadata, 'anthropic');
    const openai = member(metadata, 'openai');
    if (result.cacheWriteTokens < 0) {
      result.cacheWriteTokens = countOf(member(anthropic, 'cacheCreationInputTokens'));
    }
    if (result.cacheReadTokens < 0) {
      result.cacheReadTokens = countOf(
        member(anthropic, 'cacheReadInputTokens') ?? member(openai, 'cachedPromptTokens'),
      );
    }
    if (result.reasoningTokens < 0) result.reasoningTokens = countOf(member(openai, 'reasoningTokens'));
  }

  /** Of the kind key; without one, of the first field that was found. */
  #dialect(operation: AgentSource | undefined): Dialect | '' {
    if (operation !== undefined) return operation.dialect;
    for (let field = 0; field < fields.length; field += 1) {
      const source = this.#source[field]!;
      if (source !== noSource) return agentSources[source]!.dialect;
    }
    return '';
  }

  #sourceOf(field: number): AgentSource | undefined {
    const source = this.#source[field]!;
    return source === noSource ? undefined : agentSources[source];
  }

  #textIndex(list: AttributeList, field: number): number {
    if (this.#source[field] === noSource) return -1;
    const index = this.#index[field]!;
    return list.types[index] === attributeTypes.string ? index : -1;
  }

  /** A string value as an interned string; empty when it is none or too long for a label. */
  #label(list: AttributeList, field: number): string {
    const index = this.#textIndex(list, field);
    if (index < 0) return '';
    const id = this.#labels.intern(list.bytes, list.starts[index]!, list.ends[index]!);
    return id < 0 ? '' : this.#labels.name(id);
  }

  #count(list: AttributeList, field: number): number {
    return boundedCount(this.#number(list, field));
  }

  /** An int, a double, or digits; NaN for anything else. */
  #number(list: AttributeList, field: number): number {
    if (this.#source[field] === noSource) return Number.NaN;
    const index = this.#index[field]!;
    switch (list.types[index]) {
      case attributeTypes.int:
        return list.highs[index]! * 0x1_0000_0000 + (list.lows[index]! >>> 0);
      case attributeTypes.double:
        return list.value(index) as number;
      case attributeTypes.string: {
        if (list.ends[index]! - list.starts[index]! > 32) return Number.NaN;
        const text = list.value(index) as string;
        return /^\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
      }
      default:
        return Number.NaN;
    }
  }
}

/** A count as columns hold it: -1 is unknown. */
function boundedCount(value: number): number {
  return Number.isSafeInteger(value) && value >= 0 ? value : -1;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function countOf(value: unknown): number {
  return typeof value === 'number' ? boundedCount(value) : -1;
}
