import type { IntrinsicName } from './fields.ts';

/**
 * What one span must satisfy. Every condition is true or false, never unknown: a comparison holds when some value
 * of the field satisfies it, so it is false of a span without the field, also with `!=` and `!~`.
 */
export type Filter = All | Any | Not | Comparison | Membership | Match | Exists | AgainstHistory | Structure;

/** `and`. Without parts it holds for every span. */
export interface All {
  readonly type: 'all';
  readonly parts: readonly Filter[];
}

/** `or`, of two parts at least. */
export interface Any {
  readonly type: 'any';
  readonly parts: readonly Filter[];
}

export interface Not {
  readonly type: 'not';
  readonly part: Filter;
}

export interface Comparison {
  readonly type: 'comparison';
  readonly field: Field;
  readonly operator: ComparisonOperator;
  readonly value: Value;
}

/** `in`, of one value at least. */
export interface Membership {
  readonly type: 'membership';
  readonly field: Field;
  readonly values: readonly Value[];
}

/** `=~`, `!~`: the pattern is RE2's, and speaks of the whole text. */
export interface Match {
  readonly type: 'match';
  readonly field: Field;
  readonly operator: '=~' | '!~';
  readonly pattern: string;
}

export interface Exists {
  readonly type: 'exists';
  readonly field: Field;
}

/** `duration > p99(7d)`: the span against the durations that its own operation had. False without enough history. */
export interface AgainstHistory {
  readonly type: 'history';
  readonly operator: '<' | '<=' | '>' | '>=';
  readonly percentile: Percentile;
}

export interface Percentile {
  /** 0 to 100, neither included. */
  readonly percent: number;
  readonly lookbackNanos: number;
}

/** Holds for a span that satisfies `right` and stands below (`>>`), right below (`>`) or beside (`~`) one of `left`. */
export interface Structure {
  readonly type: 'structure';
  readonly operator: '>>' | '>' | '~';
  readonly left: Filter;
  readonly right: Filter;
}

export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Field = IntrinsicField | AttributeField;

export interface IntrinsicField {
  readonly type: 'intrinsic';
  readonly name: IntrinsicName;
}

export interface AttributeField {
  readonly type: 'attribute';
  /** Absent: of any level. */
  readonly level?: AttributeLevel;
  readonly key: string;
}

export const attributeLevels = ['span', 'resource', 'scope', 'event', 'link'] as const;
export type AttributeLevel = (typeof attributeLevels)[number];

/** Whole numbers are bigint (of 64 bits), others double. Enumerations are strings. */
export type Value =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: bigint | number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'duration'; readonly nanos: number };
