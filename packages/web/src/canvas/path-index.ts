/** Stretches of the critical path, found by row. */
export interface PathIndex {
  /** Stretches of row r stand from `first[r]` to `first[r + 1]`, in time order. */
  readonly first: Int32Array;
  readonly startNanos: Float64Array;
  readonly endNanos: Float64Array;
  /** Rows in the order in which the path visits them, each as often as it does. */
  readonly visits: Int32Array;
}

export interface PathColumns {
  readonly row: ArrayLike<number>;
  readonly startNanos: ArrayLike<number>;
  readonly endNanos: ArrayLike<number>;
}

/** Cost: O(spans + stretches), once per trace. */
export function buildPathIndex(spanCount: number, path: PathColumns): PathIndex {
  const first = new Int32Array(spanCount + 1);
  for (let at = 0; at < path.row.length; at++) first[path.row[at]! + 1]! += 1;
  for (let row = 0; row < spanCount; row++) first[row + 1]! += first[row]!;
  const next = first.slice();
  const startNanos = new Float64Array(path.row.length);
  const endNanos = new Float64Array(path.row.length);
  for (let at = 0; at < path.row.length; at++) {
    const to = next[path.row[at]!]!;
    next[path.row[at]!]! += 1;
    startNanos[to] = path.startNanos[at]!;
    endNanos[to] = path.endNanos[at]!;
  }
  return { first, startNanos, endNanos, visits: Int32Array.from(path.row) };
}

/** The first stretch of `row` that ends after `nanos`. Cost: O(log stretches). */
export function firstStretchEndingAfter(index: PathIndex, row: number, nanos: number): number {
  let low = index.first[row]!;
  let high = index.first[row + 1]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (index.endNanos[middle]! > nanos) high = middle;
    else low = middle + 1;
  }
  return low;
}
