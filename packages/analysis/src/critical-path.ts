import { nanosPerMilli, parentNone, spanKinds, statusCodes, type TraceColumns } from '@spanwise/model';
import type { TraceTree } from './trace-tree.ts';

/*
 * The critical path: for each moment of a request, the one span that the end of the request was waiting for.
 *
 *   a  |==============================|          Walk a span backwards from its end. The child that finished
 *   b    |=======|                               last held it up: the time from there to the end is the span's
 *   c       |=================|                  own, the child's time is explained by the child in the same
 *   d                              |==|          way, and the walk goes on where that child started. A child
 *      aaaaacccccccccccccccccccaaaaddddaa        that still ran at that moment (b) held nobody up.
 *
 * That is the definition that Jaeger's UI uses (jaegertracing/jaeger-ui, TracePage/CriticalPath), with these
 * differences, each for a case that agents meet every day:
 *
 * - A child may end exactly where the next one begins.
 * - Two hosts, or two processes on one, disagree by a little: a child that overlaps what came after it, or
 *   outlives its parent, by no more than a tenth of its length and 10 ms, counts as finished.
 * - A child that outlives its parent by more was not waited for: it explains only the time after the last child
 *   that did finish.
 * - Many HTTP clients end their span with the response's headers, while the body streams on: such a client span
 *   lasts as long as its server span, unless it failed.
 * - A consumer works on its own time and is left out.
 * - No recursion: 100,000 spans in a row, or one below the other, are fine.
 */

/** Disjoint stretches in time order. Owned by the caller. */
export interface CriticalPath {
  /** The time that is explained, in ns after the trace's start: the root span's. See `criticalPath`. */
  readonly fromNanos: number;
  readonly toNanos: number;
  readonly row: Int32Array;
  readonly startNanos: Float64Array;
  readonly endNanos: Float64Array;
}

/**
 * Explains the root span's time; the stretches together are as long as it. Orphans count as the root's children.
 *
 * With several roots, or none, it is the time from the first start to the last end of roots and orphans, and may
 * have gaps that no span accounts for.
 * Absence: no stretch for a trace without spans.
 * Cost: O(n log n), time and memory.
 */
export function criticalPath(columns: TraceColumns, tree: TraceTree): CriticalPath {
  const walk = new Walk(columns, tree);
  const tops = Array.from(tree.topRows);
  const roots = tops.filter((row) => columns.parentRow[row] === parentNone);
  const [root] = roots.length === 1 ? roots : [];
  if (root === undefined) walk.explainTogether(tops);
  else
    walk.explainSpan(
      root,
      tops.filter((row) => row !== root),
    );
  return walk.finish();
}

/** What two clocks may disagree by, at most. */
const jitterNanosMax = 10 * nanosPerMilli;

/**
 * Work still to do, latest time at the bottom of the stack, so that stretches come out in time order. An own
 * stretch is finished; a span's window is to be explained.
 */
interface Work {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  readonly isOwn: boolean;
}

class Walk {
  readonly #columns: TraceColumns;
  readonly #tree: TraceTree;
  readonly #end: Float64Array;
  readonly #stack: Work[] = [];
  readonly #row: number[] = [];
  readonly #start: number[] = [];
  readonly #stop: number[] = [];
  #from = 0;
  #to = 0;

  constructor(columns: TraceColumns, tree: TraceTree) {
    this.#columns = columns;
    this.#tree = tree;
    this.#end = effectiveEnds(columns, tree);
  }

  explainSpan(root: number, adopted: readonly number[]): void {
    this.#from = this.#columns.startNanos[root]!;
    this.#to = this.#from + this.#columns.durationsNanos[root]!;
    this.#split(root, this.#from, this.#to, adopted);
    this.#run();
  }

  /** No span stands above these: what overlaps is clipped, so that only time without any of them is a gap. */
  explainTogether(rows: readonly number[]): void {
    const { startNanos, durationsNanos } = this.#columns;
    const stop = (row: number) => startNanos[row]! + durationsNanos[row]!;
    this.#from = rows.reduce((least, row) => Math.min(least, startNanos[row]!), Infinity);
    this.#to = rows.reduce((most, row) => Math.max(most, stop(row)), -Infinity);
    let cursor = this.#to;
    for (const row of this.#byEnd(rows, this.#to)) {
      const to = Math.min(stop(row), cursor);
      if (startNanos[row]! >= to) continue;
      this.#push(row, startNanos[row]!, to, false);
      cursor = startNanos[row]!;
    }
    this.#run();
  }

  finish(): CriticalPath {
    return {
      fromNanos: this.#row.length > 0 ? this.#from : 0,
      toNanos: this.#row.length > 0 ? this.#to : 0,
      row: Int32Array.from(this.#row),
      startNanos: Float64Array.from(this.#start),
      endNanos: Float64Array.from(this.#stop),
    };
  }

  #run(): void {
    for (let work = this.#stack.pop(); work !== undefined; work = this.#stack.pop()) {
      const isLeaf = this.#tree.firstChild[work.row] === -1;
      if (work.isOwn || isLeaf) this.#emit(work);
      else this.#split(work.row, work.from, work.to, []);
    }
  }

  #emit({ row, from, to }: Work): void {
    const last = this.#row.length - 1;
    if (this.#row[last] === row && this.#stop[last] === from) {
      this.#stop[last] = to;
      return;
    }
    this.#row.push(row);
    this.#start.push(from);
    this.#stop.push(to);
  }

  #push(row: number, from: number, to: number, isOwn: boolean): void {
    if (to > from) this.#stack.push({ row, from, to, isOwn });
  }

  /** Splits the window of a span into its own stretches and its children's windows, latest first. */
  #split(row: number, from: number, to: number, adopted: readonly number[]): void {
    const { startNanos } = this.#columns;
    const finished: number[] = [];
    const outliving: number[] = [];
    for (const child of this.#children(row, adopted)) {
      if (startNanos[child]! >= to || this.#end[child]! <= from) continue;
      if (this.#columns.kind[child] === spanKinds.consumer) continue;
      const isFinished = this.#end[child]! - this.#jitter(child) <= this.#end[row]!;
      (isFinished ? finished : outliving).push(child);
    }
    const inOrder = this.#byEnd(finished, to);
    const lastFinished = inOrder[0];
    const tailFrom = lastFinished === undefined ? from : Math.min(this.#end[lastFinished]!, to);
    this.#splitAmong(row, this.#byEnd(outliving, to), tailFrom, to, to);
    this.#splitAmong(row, inOrder, from, tailFrom, to);
  }

  /** `children` by end, as far as it lies before `windowTo`. */
  #splitAmong(row: number, children: readonly number[], from: number, to: number, windowTo: number): void {
    let cursor = to;
    for (const child of children) {
      const end = Math.min(this.#end[child]!, windowTo);
      if (end - this.#jitter(child) > cursor) continue;
      const childFrom = Math.max(this.#columns.startNanos[child]!, from);
      const childTo = Math.min(end, cursor);
      if (childFrom >= childTo) continue;
      this.#push(row, childTo, cursor, true);
      this.#push(child, childFrom, childTo, false);
      cursor = childFrom;
    }
    this.#push(row, from, cursor, true);
  }

  #children(row: number, adopted: readonly number[]): number[] {
    const children = [...adopted];
    for (let child = this.#tree.firstChild[row]!; child !== -1; child = this.#tree.nextSibling[child]!) {
      children.push(child);
    }
    return children;
  }

  #jitter(row: number): number {
    return Math.min(this.#columns.durationsNanos[row]! / 10, jitterNanosMax);
  }

  /** Last finishing first, ends beyond `to` all alike; then the longest. */
  #byEnd(rows: readonly number[], to: number): number[] {
    const { startNanos } = this.#columns;
    const end = this.#end;
    return rows.toSorted(
      (a, b) => Math.min(end[b]!, to) - Math.min(end[a]!, to) || startNanos[a]! - startNanos[b]! || a - b,
    );
  }
}

/** When each span ends; a client span that ended before the body did, when its server span ends. */
function effectiveEnds(columns: TraceColumns, tree: TraceTree): Float64Array {
  const { startNanos, durationsNanos, kind, status } = columns;
  const end = startNanos.map((start, row) => start + durationsNanos[row]!);
  const ownEnd = end.slice();
  for (let row = 0; row < columns.spanCount; row++) {
    const client = tree.parent[row]!;
    if (client === -1 || kind[row] !== spanKinds.server || kind[client] !== spanKinds.client) continue;
    if (status[client] === statusCodes.error || startNanos[row]! >= ownEnd[client]!) continue;
    end[client] = Math.max(end[client]!, ownEnd[row]!);
  }
  return end;
}
