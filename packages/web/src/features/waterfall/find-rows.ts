import type { TraceColumns } from '@spanwise/model';

export interface Found {
  /** 1 for each row that matches. */
  readonly matches: Uint8Array;
  readonly count: number;
}

/**
 * Rows in which every word of `text` occurs: in the service, the name, a model, agent or tool, the span id, or in
 * `details`, which holds what is known of single spans by id (their attributes, once they were opened).
 * Absence: undefined for no words.
 * Cost: the dictionaries once, then O(spans) look-ups.
 */
export function findRows(
  columns: TraceColumns,
  text: string,
  details: ReadonlyMap<string, string> = new Map(),
): Found | undefined {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  const matches = new Uint8Array(columns.spanCount).fill(1);
  for (const word of words) keepRowsWith(columns, word, details, matches);
  let count = 0;
  for (const match of matches) count += match;
  return { matches, count };
}

function keepRowsWith(
  columns: TraceColumns,
  word: string,
  details: ReadonlyMap<string, string>,
  matches: Uint8Array,
): void {
  const hits = (texts: readonly string[]) =>
    Uint8Array.from(texts, (text) => (text.toLowerCase().includes(word) ? 1 : 0));
  const services = hits(columns.services);
  const names = hits(columns.names);
  const labels = hits(columns.labels);
  const isIdLike = /^[0-9a-f]{4,16}$/.test(word);
  for (let row = 0; row < columns.spanCount; row++) {
    if (matches[row] === 0) continue;
    const isHit =
      services[columns.serviceIndex[row]!] === 1 ||
      names[columns.nameIndex[row]!] === 1 ||
      labels[columns.modelIndex[row]!] === 1 ||
      labels[columns.agentIndex[row]!] === 1 ||
      labels[columns.toolIndex[row]!] === 1 ||
      labels[columns.operationIndex[row]!] === 1 ||
      (isIdLike && columns.spanIds[row]!.startsWith(word)) ||
      (details.size > 0 && (details.get(columns.spanIds[row]!)?.includes(word) ?? false));
    if (!isHit) matches[row] = 0;
  }
}

/** The next row in display order, after `from` (or before, for -1), for which `isWanted`; wraps. Absence: -1. */
export function nextRow(
  order: Int32Array,
  position: Int32Array,
  from: number,
  step: 1 | -1,
  isWanted: (row: number) => boolean,
): number {
  const count = order.length;
  const start = from === -1 ? (step === 1 ? -1 : count) : position[from]!;
  for (let offset = 1; offset <= count; offset++) {
    const place = (((start + step * offset) % count) + count) % count;
    const row = order[place]!;
    if (isWanted(row)) return row;
  }
  return -1;
}
