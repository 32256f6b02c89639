/** JSON of either server, in a form in which what stands in no promised order is sorted. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const textOf = (value: Json) => JSON.stringify(value);

/**
 * Objects with their keys in order, lists of traces, spans, tags and attributes sorted; a span of the legacy form
 * with its process in place of the process's name, which each server gives as it likes.
 */
export function normalise(value: Json, processes: { readonly [key: string]: Json } = {}): Json {
  if (Array.isArray(value)) return value.map((item) => normalise(item, processes));
  if (value === null || typeof value !== 'object') return value;
  const object = value as { readonly [key: string]: Json };
  const own = (object.processes as typeof processes | undefined) ?? processes;
  const entries = Object.entries(object).flatMap(([key, member]): [string, Json][] => {
    if (key === 'processes') return [];
    if (key === 'processID') return [['process', normalise(own[member as string] ?? null, own)]];
    const inner = normalise(member, own);
    return [[key, Array.isArray(inner) && unordered.has(key) ? sorted(inner) : inner]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const unordered = new Set(['data', 'spans', 'tags', 'fields', 'attributes', 'resourceSpans', 'operations']);

function sorted(items: readonly Json[]): readonly Json[] {
  return items.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}
