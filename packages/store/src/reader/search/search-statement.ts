import type { UnixNano } from '@spanwise/model';
import { type Engine, EngineError } from '../../engine.ts';
import { errorCodes } from '../../error-codes.ts';
import { type RowValue, readRows } from '../../row-binary/reader.ts';
import { type Parameters, rowsOf } from '../tenant-query.ts';
import { inWindow } from '../trace-conditions.ts';
import { type CompiledFilter, compileFilter } from './compile-filter.ts';
import type { Search } from './search.ts';

export interface Window {
  readonly from: UnixNano;
  readonly to: UnixNano;
}

/** One answer: its filter as SQL, and the time that is left for it. */
export class SearchStatements {
  readonly compiled: CompiledFilter;
  readonly #engine: Engine;
  readonly #tenant: number;
  readonly #search: Search;
  readonly #deadline: number;

  constructor(engine: Engine, tenant: number, search: Search) {
    this.#engine = engine;
    this.#tenant = tenant;
    this.#search = search;
    this.#deadline = performance.now() + search.budgetMillis;
    this.compiled = compileFilter(search.filter, search.histories);
  }

  /** Matching rows of the narrowest table in the statement's window; more conditions may follow. */
  get matches(): string {
    const { table, sql } = this.compiled;
    return `${rowsOf(table)}${inWindow} ${this.#ofSegments} AND ${sql}`;
  }

  /** The same, of `spans`, whatever the filter needs. */
  get matchingSpans(): string {
    return `${rowsOf('spans')}${inWindow} ${this.#ofSegments} AND ${this.compiled.spansSql}`;
  }

  get #ofSegments(): string {
    const after = this.#search.afterSeq === undefined ? '' : ' AND ingest_seq > {afterSeq:UInt64}';
    return `AND ingest_seq <= {ingestSeq:UInt64}${after}`;
  }

  /** Has `leastMillis` in any case. Errors: `EngineError` 159 when the budget is used up. */
  async rows(
    sql: string,
    window: Window,
    more: Parameters = {},
    leastMillis = 0,
  ): Promise<readonly (readonly RowValue[])[]> {
    const timeoutMillis = Math.max(leastMillis, Math.floor(this.#deadline - performance.now()));
    if (timeoutMillis <= 0) {
      throw new EngineError('the budget of the answer is used up', {
        retryable: false,
        code: errorCodes.timeoutExceeded,
      });
    }
    const all: Parameters = {
      ...this.compiled.parameters,
      from: window.from,
      to: window.to,
      ingestSeq: this.#search.ingestSeq,
      afterSeq: this.#search.afterSeq ?? 0n,
      tenant: this.#tenant,
      ...more,
    };
    // A statement has places for some of them.
    const parameters = Object.fromEntries(Object.entries(all).filter(([name]) => sql.includes(`{${name}:`)));
    return readRows(await this.#engine.query(sql, { parameters, timeoutMillis }));
  }
}

/** Nanoseconds. The newest hour usually fills a page; each further window is six times as long. */
const firstWindow = 3_600n * 1_000_000_000n;
const windowGrowth = 6n;
/** `spans` stands by trace within a day: less than a day of it is hardly read faster. */
const day = 86_400n * 1_000_000_000n;

/**
 * Goes through a range window by window, each of them whole. `visit` gives where to go on, with the same length of
 * window: undefined behind the window, with a longer one; 'stop' ends it.
 * Gives: how far it came when the budget was used up; undefined when it was not.
 * Errors: `EngineError` 159 when not even the first window was searched; other errors of `visit`.
 */
export async function walkWindows(
  range: Window,
  table: CompiledFilter['table'],
  towards: 'oldest' | 'newest',
  visit: (window: Window) => Promise<UnixNano | 'stop' | undefined>,
): Promise<UnixNano | undefined> {
  let length = table === 'spans' ? day : firstWindow;
  let [from, to]: readonly [bigint, bigint] = [range.from, range.to];
  while (from <= to) {
    const window = (
      towards === 'oldest'
        ? { from: latest(to - length, from), to }
        : { from, to: earliest(from + length, to) }
    ) as Window;
    let next: UnixNano | 'stop' | undefined;
    try {
      next = await visit(window);
    } catch (error) {
      const isOver = error instanceof EngineError && error.code === errorCodes.timeoutExceeded;
      const isFirst = from === range.from && to === range.to;
      if (!isOver || isFirst) throw error;
      return (towards === 'oldest' ? to + 1n : from - 1n) as UnixNano;
    }
    if (next === 'stop') return undefined;
    if (next === undefined) length *= windowGrowth;
    if (towards === 'oldest') to = next ?? window.from - 1n;
    else from = next ?? window.to + 1n;
  }
  return undefined;
}

export function latest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function earliest(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
