import {
  type Filter,
  filterBounds,
  intrinsicKind,
  type Percentile,
  partsOf,
  type Structure,
} from '@spanwise/filter';
import { noSpanId, type Parameters, rowsOf, timeFrom, unsettledTraces } from '../tenant-query.ts';
import { inWindow } from '../trace-conditions.ts';
import { fieldConditionSql, type SearchTable, searchFields } from './field-conditions.ts';
import type { OperationHistory } from './search.ts';
import { StatementParameters } from './statement-parameters.ts';

export interface CompiledFilter {
  /** The narrowest table that holds all columns in question. */
  readonly table: 'span_search' | 'spans';
  /** A condition on a row of that table. The statement has the parameters `from` and `to`: its window. */
  readonly sql: string;
  /** The same condition on a row of `spans`. */
  readonly spansSql: string;
  /** Of both; a statement takes those that it has places for. */
  readonly parameters: Parameters;
}

/** `histories`: of each percentile that the filter names. A filter's values reach SQL as parameters only. */
export function compileFilter(filter: Filter, histories: readonly OperationHistory[]): CompiledFilter {
  const parameters = new StatementParameters('filter');
  const table = partsOf(filter).every(isSearchable) ? 'span_search' : 'spans';
  const spansSql = new FilterCompiler('spans', histories, parameters).sqlOf(filter);
  const sql = table === 'spans' ? spansSql : new FilterCompiler(table, histories, parameters).sqlOf(filter);
  return { table, sql, spansSql, parameters: parameters.values };
}

function isSearchable(part: Filter): boolean {
  switch (part.type) {
    case 'structure':
      return false;
    case 'comparison':
    case 'membership':
    case 'match':
    case 'exists':
      return part.field.type === 'intrinsic' && (isOfTrace(part) || searchFields.has(part.field.name));
    default:
      return true;
  }
}

/** Whether it speaks of the trace alone. */
function isOfTrace(part: Filter): boolean {
  switch (part.type) {
    case 'all':
    case 'any':
      return part.parts.length > 0 && part.parts.every(isOfTrace);
    case 'not':
      return isOfTrace(part.part);
    case 'comparison':
    case 'membership':
    case 'match':
    case 'exists':
      return part.field.type === 'intrinsic' && intrinsicKind(part.field.name).of === 'trace';
    default:
      return false;
  }
}

const spans = rowsOf('spans');

/** Settled traces of which something lies in the window. */
const settledTraces = `${rowsOf('trace_summary')} AND start <= ${timeFrom('to')}
    AND toUnixTimestamp64Nano(start) + toInt64(duration) >= {from:Int64} AND trace_id NOT IN ${unsettledTraces}`;

/** Spans of traces that are not settled. What was sent twice counts once. */
const unsettledRows = `(SELECT DISTINCT trace_id, span_id, parent_span_id, start_time, duration, status_code, service, name
    FROM ${spans} AND trace_id IN ${unsettledTraces})`;

class FilterCompiler {
  readonly #table: SearchTable;
  readonly #histories: readonly OperationHistory[];
  readonly #parameters: StatementParameters;
  /** Traces that a structure condition around this one looks at. Its left side may lie outside of the window. */
  #candidates: string | undefined;

  constructor(table: SearchTable, histories: readonly OperationHistory[], parameters: StatementParameters) {
    this.#table = table;
    this.#histories = histories;
    this.#parameters = parameters;
  }

  sqlOf(filter: Filter): string {
    if (isOfTrace(filter)) {
      const ofSummary = new FilterCompiler('trace_summary', this.#histories, this.#parameters);
      return `trace_id IN (SELECT trace_id FROM ${settledTraces} AND ${ofSummary.#plain(filter)}
        UNION ALL SELECT trace_id FROM ${unsettledRows} GROUP BY trace_id HAVING ${this.#ofRows(filter)})`;
    }
    return this.#plain(filter);
  }

  /** A condition of a trace, on its spans. */
  #ofRows(filter: Filter): string {
    return new FilterCompiler('spans', this.#histories, this.#parameters).#plain(filter);
  }

  /** Without a look at whether it is of a trace: inside of HAVING, all of it is. */
  #plain(filter: Filter): string {
    const inner = (part: Filter) => (isOfTrace(filter) ? this.#plain(part) : this.sqlOf(part));
    switch (filter.type) {
      case 'all':
        return filter.parts.length === 0 ? '1' : `(${filter.parts.map(inner).join(' AND ')})`;
      case 'any':
        return `(${filter.parts.map(inner).join(' OR ')})`;
      case 'not':
        return `(NOT ${inner(filter.part)})`;
      case 'structure':
        return this.#structure(filter);
      case 'history':
        return this.#history(filter.operator, filter.percentile);
      default:
        return fieldConditionSql(filter, this.#table, this.#parameters);
    }
  }

  #history(operator: string, percentile: Percentile): string {
    const { percent, lookbackNanos } = percentile;
    const history = this.#histories.find(
      (one) => one.percentile.percent === percent && one.percentile.lookbackNanos === lookbackNanos,
    );
    if (history === undefined) throw new TypeError(`no history for p${percent}`);
    const { operations } = history;
    if (operations.length === 0) return '0';
    const keys = this.#parameters.add(
      operations.map(({ service, name, kind }) => [service, name, kind].join('\u0001')),
      'Array(String)',
    );
    const nanos = this.#parameters.add(
      operations.map((operation) => operation.nanos),
      'Array(Float64)',
    );
    const key = "concat(service, '\\x01', name, '\\x01', toString(kind))";
    // Nothing compares with NaN: an operation without history.
    return `(duration ${operator} transform(${key}, ${keys}, ${nanos}, nan))`;
  }

  #structure({ operator, left, right }: Structure): string {
    const rightSql = this.sqlOf(right);
    const outer = this.#candidates;
    const candidates = outer ?? this.#candidatesOf(left, right, rightSql);
    this.#candidates = candidates;
    const leftSpans = `${spans} AND ${candidates} AND ${this.sqlOf(left)}`;
    this.#candidates = outer;
    const parent = '(trace_id, parent_span_id)';
    switch (operator) {
      case '>':
        return `(${rightSql} AND ${candidates} AND ${parent} IN (SELECT trace_id, span_id FROM ${leftSpans}))`;
      case '>>':
        return `(${rightSql} AND ${candidates} AND ${parent} IN (${this.#selfAndBelow(leftSpans, candidates)}))`;
      case '~': {
        const beside = `${leftSpans} AND parent_span_id != ${noSpanId}`;
        // Somebody else: several there, or one that is not the span itself.
        return `(${rightSql} AND ${candidates} AND (${parent} IN (SELECT trace_id, parent_span_id FROM ${beside}
            GROUP BY trace_id, parent_span_id HAVING uniqExact(span_id) > 1)
          OR (${parent} IN (SELECT trace_id, parent_span_id FROM ${beside})
            AND (trace_id, parent_span_id, span_id) NOT IN (SELECT trace_id, parent_span_id, span_id FROM ${beside}))))`;
      }
    }
  }

  /** Traces that have both sides, the right one in the window, by the narrowest table that tells. */
  #candidatesOf(left: Filter, right: Filter, rightSql: string): string {
    const narrow = (side: Filter) =>
      partsOf(side).every(isSearchable)
        ? new FilterCompiler('span_search', this.#histories, this.#parameters).sqlOf(side)
        : undefined;
    const rightNarrow = narrow(right);
    const leftNarrow = narrow(left);
    const ofRight =
      rightNarrow === undefined
        ? `${spans}${inWindow} AND ${rightSql}`
        : `${rowsOf('span_search')}${inWindow} AND ${rightNarrow}`;
    const ofLeft =
      leftNarrow === undefined
        ? ''
        : ` AND trace_id IN (SELECT trace_id FROM ${rowsOf('span_search')} AND ${leftNarrow})`;
    return `trace_id IN (SELECT trace_id FROM ${ofRight}${ofLeft})`;
  }

  /** Ids of spans and of all below them, down to a bound: parents may run in a circle. */
  #selfAndBelow(start: string, candidates: string): string {
    const below = `below${this.#parameters.next()}`;
    return `WITH RECURSIVE ${below} AS (
        SELECT DISTINCT trace_id, span_id, toUInt16(1) AS steps FROM ${start}
        UNION ALL
        SELECT DISTINCT child.trace_id, child.span_id, toUInt16(${below}.steps + 1)
          FROM (SELECT trace_id, span_id, parent_span_id FROM ${spans} AND ${candidates}) AS child
          INNER JOIN ${below} ON child.trace_id = ${below}.trace_id AND child.parent_span_id = ${below}.span_id
          WHERE ${below}.steps < ${filterBounds.ancestors}
      ) SELECT trace_id, span_id FROM ${below}`;
  }
}
