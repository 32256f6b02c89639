/** Of a value, in bytes: what is longer is found by its beginning, and then compared. */
export const tokenValueBytes = 128;

const pair = (key: string, value: string) => `concat(${key}, '=', ${value})`;
const start = (text: string) => `left(${text}, ${tokenValueBytes})`;
const ofMap = (map: string, value: (name: string) => string) =>
  `arrayMap((k, v) -> ${pair('k', value('v'))}, mapKeys(${map}), mapValues(${map}))`;
const ofList = (list: string) => `arrayMap(a -> ${pair('a.1', start('a.3'))}, ${list})`;

const stringTokens = ofMap('attributes_string', start);
const otherTokens = [
  ...['attributes_int', 'attributes_double', 'attributes_bool'].map((map) =>
    ofMap(map, (value) => `toString(${value})`),
  ),
  ...['attributes_other', 'resource_attributes', 'scope_attributes'].map(ofList),
  `arrayFlatten(arrayMap(e -> ${ofList('e.3')}, events))`,
  `arrayFlatten(arrayMap(l -> ${ofList('l.5')}, links))`,
];

/**
 * `key=value` of the attributes of a span, of every level and type: what the text index holds. Values have their
 * text form; those of doubles as the engine writes them. Parts of schema steps: never changed once released.
 */
export const attributeTokens = {
  /** Of step 5: all of them. */
  all: `arrayConcat(${[stringTokens, ...otherTokens].join(', ')})`,
  /** Since step 10, text attributes of the span itself, out of one column. */
  string: stringTokens,
  /** Since step 10, the rest: kept in a column of their own. */
  other: `arrayConcat(${otherTokens.join(', ')})`,
};

/** Which spans have one of the tokens, answered by the text indexes. `tokens`: SQL of one string each. */
export function hasToken(...tokens: readonly string[]): string {
  const found = (column: string) =>
    tokens.length === 1 ? `has(${column}, ${tokens[0]})` : `hasAny(${column}, [${tokens.join(', ')}])`;
  return `(${found('string_tokens')} OR ${found('other_tokens')})`;
}
