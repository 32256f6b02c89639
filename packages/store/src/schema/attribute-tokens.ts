/** Of a value, in bytes: what is longer is found by its beginning, and then compared. */
export const tokenValueBytes = 128;

const pair = (key: string, value: string) => `concat(${key}, '=', ${value})`;
const start = (text: string) => `left(${text}, ${tokenValueBytes})`;
const ofMap = (map: string, value: (name: string) => string) =>
  `arrayMap((k, v) -> ${pair('k', value('v'))}, mapKeys(${map}), mapValues(${map}))`;
const ofList = (list: string) => `arrayMap(a -> ${pair('a.1', start('a.3'))}, ${list})`;

/**
 * `key=value` of all attributes of a span, of every level and type: what the text index holds. Values have their
 * text form; those of doubles as the engine writes them. Part of a schema step: never changed once released.
 */
export const attributeTokens = `arrayConcat(${[
  ofMap('attributes_string', start),
  ...['attributes_int', 'attributes_double', 'attributes_bool'].map((map) =>
    ofMap(map, (value) => `toString(${value})`),
  ),
  ...['attributes_other', 'resource_attributes', 'scope_attributes'].map(ofList),
  `arrayFlatten(arrayMap(e -> ${ofList('e.3')}, events))`,
  `arrayFlatten(arrayMap(l -> ${ofList('l.5')}, links))`,
].join(', ')})`;
