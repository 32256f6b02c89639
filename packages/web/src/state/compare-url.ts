import { parseTraceId } from '@spanwise/model';

/** The comparison's state as it stands in its URL: which two traces. */
export interface CompareState {
  readonly before?: string;
  readonly after?: string;
}

/** Total: what is no trace's id is left out. */
export function parseCompareState(query: Readonly<Record<string, unknown>>): CompareState {
  const [before, after] = [query.before, query.after].map((id) =>
    typeof id === 'string' ? parseTraceId(id) : undefined,
  );
  return {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}
