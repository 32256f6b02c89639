import type { SearchHeatmapResponse } from '@spanwise/api';

/** CSS pixels. */
export interface PlotBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Tick<Value> {
  readonly value: Value;
  /** CSS pixels. */
  readonly at: number;
}

/** Spans of one stretch of time and one of duration. */
export interface HeatCell {
  readonly bin: number;
  readonly row: number;
  readonly count: number;
  readonly errors: number;
}

export interface HeatGrid {
  readonly bins: number;
  /** Row `r` begins at 2^((lowBucket + r × bucketsPerRow) / bucketsPerOctave) ns. */
  readonly rows: number;
  readonly lowBucket: number;
  readonly bucketsPerRow: number;
  readonly bucketsPerOctave: number;
  readonly cells: readonly HeatCell[];
  readonly mostInCell: number;
  /** Of all durations together, one number for each bin. */
  readonly counts: readonly number[];
  readonly errors: readonly number[];
  readonly mostInBin: number;
}

/** The answer with as many buckets to a row as make at most `mostRows`. Absence: undefined where nothing was found. */
export function heatGrid(reply: SearchHeatmapResponse, mostRows: number): HeatGrid | undefined {
  const { bins, bin, bucket, count, errors, bucketsPerOctave } = reply;
  if (bucket.length === 0) return undefined;
  const [low, high] = bucket.reduce(
    ([least, most], one) => [Math.min(least, one), Math.max(most, one)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  // An octave at least, or one duration would fill the plot.
  const lowBucket = Math.max(0, low - 1);
  const buckets = Math.max(bucketsPerOctave, high + 2 - lowBucket);
  const bucketsPerRow = Math.ceil(buckets / mostRows);
  const rows = Math.ceil(buckets / bucketsPerRow);
  const cells = new Map<number, { bin: number; row: number; count: number; errors: number }>();
  const [counts, failed] = [new Array<number>(bins).fill(0), new Array<number>(bins).fill(0)];
  for (const [index, at] of bin.entries()) {
    const row = Math.floor((bucket[index]! - lowBucket) / bucketsPerRow);
    const cell = cells.get(at * rows + row) ?? { bin: at, row, count: 0, errors: 0 };
    cell.count += count[index]!;
    cell.errors += errors[index]!;
    cells.set(at * rows + row, cell);
    counts[at]! += count[index]!;
    failed[at]! += errors[index]!;
  }
  const all = [...cells.values()];
  return {
    ...{ bins, rows, lowBucket, bucketsPerRow, bucketsPerOctave, cells: all, counts, errors: failed },
    mostInCell: all.reduce((most, cell) => Math.max(most, cell.count), 1),
    mostInBin: counts.reduce((most, one) => Math.max(most, one), 1),
  };
}

/** Logarithmic: an agent's replies differ by powers of ten. */
export class DurationAxis {
  readonly #box: PlotBox;
  readonly #low: number;
  readonly #high: number;

  constructor(box: PlotBox, lowNanos: number, highNanos: number) {
    this.#box = box;
    this.#low = Math.log10(lowNanos);
    this.#high = Math.log10(highNanos);
  }

  yOf(nanos: number): number {
    const share = (Math.log10(Math.max(1, nanos)) - this.#low) / (this.#high - this.#low);
    return this.#box.bottom - share * (this.#box.bottom - this.#box.top);
  }

  nanosAt(y: number): number {
    const share = (this.#box.bottom - y) / (this.#box.bottom - this.#box.top);
    return 10 ** (this.#low + Math.min(1, Math.max(0, share)) * (this.#high - this.#low));
  }

  /** Powers of ten inside, thinned to what has room. */
  ticks(leastGap = 18): readonly Tick<number>[] {
    const ticks: Tick<number>[] = [];
    for (let power = Math.ceil(this.#low); power <= this.#high; power++) {
      const at = this.yOf(10 ** power);
      const last = ticks.at(-1);
      if (last === undefined || last.at - at >= leastGap) ticks.push({ value: 10 ** power, at });
    }
    return ticks;
  }
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps = [
  1_000,
  5_000,
  10_000,
  30_000,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
];

export class TimeAxis {
  readonly #box: PlotBox;
  readonly #startMillis: number;
  readonly #endMillis: number;

  constructor(box: PlotBox, startMillis: number, endMillis: number) {
    this.#box = box;
    this.#startMillis = startMillis;
    this.#endMillis = Math.max(endMillis, startMillis + 1);
  }

  xOf(unixMillis: number): number {
    const share = (unixMillis - this.#startMillis) / (this.#endMillis - this.#startMillis);
    return this.#box.left + share * (this.#box.right - this.#box.left);
  }

  millisAt(x: number): number {
    const share = (x - this.#box.left) / (this.#box.right - this.#box.left);
    return this.#startMillis + Math.min(1, Math.max(0, share)) * (this.#endMillis - this.#startMillis);
  }

  ticks(leastGap = 110): readonly Tick<number>[] {
    const most = Math.max(1, (this.#box.right - this.#box.left) / leastGap);
    const span = this.#endMillis - this.#startMillis;
    const step = timeSteps.find((millis) => span / millis <= most) ?? 28 * day;
    const ticks: Tick<number>[] = [];
    for (let at = Math.ceil(this.#startMillis / step) * step; at <= this.#endMillis; at += step) {
      ticks.push({ value: at, at: this.xOf(at) });
    }
    return ticks;
  }
}
