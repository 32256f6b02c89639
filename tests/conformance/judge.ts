import type { ConformanceCase } from '../../packages/instrumentation/src/testing/conformance/cases.ts';
import { CANARY } from '../../packages/instrumentation/src/testing/wire/wire.ts';
import type { CaseReport, ReportedSpan } from './case-report.ts';

/** One case of one wrapper: what went wrong with the call, and what its span tells. */
export interface Verdict {
  /** In few words; none if all is well. */
  readonly problems: readonly string[];
  /** Absent where the case has nothing to tell. */
  readonly tellsTokens?: boolean;
  readonly tellsCachedAndReasoning?: boolean;
  readonly tellsFirstChunk?: boolean;
  readonly hasContent: boolean;
}

/** The server's figures: Anthropic's input without the cached ones is 15, and 5 were written to the cache. */
const INPUT = [100, 20, 15];
const OUTPUT = [30, 20];
const CACHED = 80;
const REASONING = 10;

/**
 * @param report Absent if the process ended without one.
 * @param bareOutcome What the application gets without any wrapper.
 */
export function judge(row: ConformanceCase, report: CaseReport | undefined, bareOutcome: string): Verdict {
  if (report === undefined) return { problems: ['ends the process'], hasContent: false };
  const { spans } = report;
  const problems: string[] = [];
  if (report.outcome !== bareOutcome) problems.push('other outcome');
  const wanted = row.calls ?? 1;
  if (spans.length === 0) problems.push('no span');
  else if (spans.length !== wanted) problems.push(`${spans.length} spans`);
  const { error, usage, hasFirstChunk } = row.span;
  // An abort is the application's own wish: some call it an error, some do not.
  const mayBeEither = error === 'abort' || error === 'abort-of-stream';
  if (spans.length > 0 && !mayBeEither && spans.some(({ isError }) => isError !== (error !== undefined))) {
    problems.push(error === undefined ? 'an error that is none' : 'error not marked');
  }
  if (row.isBelowCaller && spans.some((span) => !span.isBelowCaller)) problems.push('wrong parent');
  if (row.isToldToServer && !spans.some((span) => span.isToldToServer))
    problems.push('not active in the request');
  const numbers = spans.map(numbersOf);
  const tells = (wantedNumbers: readonly number[]) =>
    numbers.length > 0 && numbers.every((told) => wantedNumbers.some((number) => told.includes(number)));
  const isTold = usage === 'told' && spans.length > 0;
  if (
    (usage === 'unknown' || usage === 'absent') &&
    numbers.some((told) => told.some((number) => number > 0))
  ) {
    problems.push('tokens that nobody told');
  }
  return {
    problems,
    ...(isTold ? { tellsTokens: tells(INPUT) && tells(OUTPUT) } : {}),
    ...(isTold ? { tellsCachedAndReasoning: tells([CACHED]) && tells([REASONING]) } : {}),
    ...(hasFirstChunk && spans.length > 0 ? { tellsFirstChunk: spans.every(tellsFirstChunk) } : {}),
    hasContent: JSON.stringify(spans).includes(CANARY),
  };
}

/** All numbers under keys that speak of tokens, also inside of JSON. Lenient: where they stand does not matter. */
function numbersOf({ attributes }: ReportedSpan): number[] {
  return Object.entries(attributes)
    .filter(([key]) => /token|usage/i.test(key) && !/tokens_per_second|max_tokens/.test(key))
    .flatMap(([, value]) => (typeof value === 'string' ? numbersIn(value) : [value]))
    .filter((value) => typeof value === 'number');
}

function numbersIn(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.values(value) : [];
  } catch {
    return [];
  }
}

function tellsFirstChunk({ attributes }: ReportedSpan): boolean {
  return Object.keys(attributes).some((key) =>
    /time_to_first|mstofirst|completion_start_time|first_token/i.test(key),
  );
}
