/** Pairs of places; -1 where one side has no partner. */
export type Alignment = readonly (readonly [before: number, after: number])[];

/** Cells of the table for one pair of lists; above it, equal keys are paired in order without a table. */
const cellsMax = 4_000_000;

/**
 * Pairs equal keys of two lists: as many as possible without changing the order (longest common subsequence), then
 * what is left in order of appearance, so that what changed places still finds its partner. In display order:
 * by `after`, what is only in `before` stands where it was.
 * Cost: O(n) where lists are alike; else the product of the lengths of their unlike middles, at most `cellsMax`.
 */
export function alignChildren(before: readonly string[], after: readonly string[]): Alignment {
  const partner = new Int32Array(before.length).fill(-1);
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) {
    partner[from] = from;
    from += 1;
  }
  let [endBefore, endAfter] = [before.length, after.length];
  while (endBefore > from && endAfter > from && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore -= 1;
    endAfter -= 1;
    partner[endBefore] = endAfter;
  }
  if ((endBefore - from) * (endAfter - from) <= cellsMax) {
    pairInOrder(before, after, from, endBefore, endAfter, partner);
  }
  pairTheRest(before, after, partner);
  return inDisplayOrder(partner, after.length);
}

/** Longest common subsequence of the middles, by the table of lengths from the end. */
function pairInOrder(
  before: readonly string[],
  after: readonly string[],
  from: number,
  endBefore: number,
  endAfter: number,
  partner: Int32Array,
): void {
  const [rows, columns] = [endBefore - from, endAfter - from];
  if (rows === 0 || columns === 0) return;
  const width = columns + 1;
  const lengths = new Int32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[from + i] === after[from + j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (before[from + i] === after[from + j]) {
      partner[from + i] = from + j;
      i += 1;
      j += 1;
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) {
      i += 1;
    } else {
      j += 1;
    }
  }
}

function pairTheRest(before: readonly string[], after: readonly string[], partner: Int32Array): void {
  const isTaken = new Uint8Array(after.length);
  for (const place of partner) if (place !== -1) isTaken[place] = 1;
  const free = new Map<string, number[]>();
  // From the end, so that `pop` gives the first.
  for (let place = after.length - 1; place >= 0; place--) {
    if (isTaken[place] === 1) continue;
    const places = free.get(after[place]!);
    if (places === undefined) free.set(after[place]!, [place]);
    else places.push(place);
  }
  for (const [place, key] of before.entries()) {
    if (partner[place] === -1) partner[place] = free.get(key)?.pop() ?? -1;
  }
}

function inDisplayOrder(partner: Int32Array, afterCount: number): Alignment {
  const beforeOf = new Int32Array(afterCount).fill(-1);
  /** What is only in `before`, by the place in `after` of the partner above it. */
  const leftOut = new Map<number, number[]>();
  let last = -1;
  for (const [place, afterPlace] of partner.entries()) {
    if (afterPlace !== -1) {
      beforeOf[afterPlace] = place;
      last = afterPlace;
    } else {
      const places = leftOut.get(last);
      if (places === undefined) leftOut.set(last, [place]);
      else places.push(place);
    }
  }
  const pairs: (readonly [number, number])[] = (leftOut.get(-1) ?? []).map((place) => [place, -1]);
  for (let place = 0; place < afterCount; place++) {
    pairs.push([beforeOf[place]!, place]);
    for (const only of leftOut.get(place) ?? []) pairs.push([only, -1]);
  }
  return pairs;
}
