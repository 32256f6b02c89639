import { nanosPerMilli, nanosPerSecond } from '@spanwise/model';

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

/** Logarithmic: an agent's replies differ by powers of ten. */
export class DurationAxis {
  readonly #box: PlotBox;
  readonly #low: number;
  readonly #high: number;

  constructor(box: PlotBox, durationsNanos: readonly number[]) {
    const known = durationsNanos.filter((nanos) => nanos > 0);
    const low = Math.log10(Math.min(...known, nanosPerSecond));
    const high = Math.log10(Math.max(...known, nanosPerMilli));
    const room = Math.max(0.15, (high - low) * 0.08);
    this.#box = box;
    this.#low = low - room;
    this.#high = high + room;
  }

  yOf(nanos: number): number {
    const share = (Math.log10(Math.max(1, nanos)) - this.#low) / (this.#high - this.#low);
    return this.#box.bottom - share * (this.#box.bottom - this.#box.top);
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
    return Math.round(
      this.#startMillis + Math.min(1, Math.max(0, share)) * (this.#endMillis - this.#startMillis),
    );
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
