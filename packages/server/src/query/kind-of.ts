import { parseJaegerSpanKind } from '@spanwise/jaeger';
import type { SpanKind } from '@spanwise/model';
import { invalidParameter } from './query-error.ts';

/** Absence: undefined for no text. @throws QueryError 400, naming `parameter`, when no kind has this name. */
export function kindOf(parameter: string, text: string | null | undefined): SpanKind | undefined {
  if (!text) return undefined;
  const kind = parseJaegerSpanKind(text);
  if (kind === undefined) throw invalidParameter(parameter, `no such span kind: ${JSON.stringify(text)}`);
  return kind;
}
