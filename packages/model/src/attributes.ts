/**
 * One attribute value, typed as OTLP types it: `bigint` is int64, `number` is double, `Uint8Array` is bytes, a
 * `Map` is a kvlist, `undefined` is an AnyValue without a value. (opentelemetry-proto common.proto, AnyValue.)
 */
export type AttributeValue =
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly AttributeValue[]
  | ReadonlyMap<string, AttributeValue>
  | undefined;

/** In the order they came. A key stands once: where a sender repeats one, the last wins. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

/** The types of AnyValue, with the codes that stored rows use. Never renumber. */
export const attributeTypes = {
  empty: 0,
  string: 1,
  bool: 2,
  int: 3,
  double: 4,
  bytes: 5,
  array: 6,
  map: 7,
} as const;

export type AttributeType = (typeof attributeTypes)[keyof typeof attributeTypes];

export const noAttributes: Attributes = new Map();
