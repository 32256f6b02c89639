import {
  type Field,
  type FilterError,
  formatField,
  intrinsicKind,
  type ParsedFilter,
  parseFields,
  parseFilter,
} from '@spanwise/filter';
import { z } from 'zod';
import { limits } from '../../../limits.ts';
import { QueryError } from '../../query-error.ts';
import { count, lookback, millis } from '../parameters.ts';

const searched = {
  filter: z.string().default('').describe('In the language of docs/filter-language.md; empty: everything.'),
  start: millis.optional(),
  end: millis.optional(),
  lookback: lookback.optional(),
};

const listed = {
  direction: z.enum(['desc', 'asc'], 'expected desc or asc').default('desc'),
  limit: count(limits.searchResults.value, 20),
  cursor: z
    .string()
    .optional()
    .meta({ description: '`next` of the page before, everything else as then.', minLength: 1 }),
};

const spanOrders = ['time', 'duration', 'tokens', 'cost'] as const;
const traceOrders = ['time', 'duration', 'spans', 'errors', 'tokens', 'cost'] as const;

export const searchSpansParameters = z.strictObject({
  ...searched,
  ...listed,
  order: z.enum(spanOrders, `expected ${spanOrders.join(', ')}`).default('time'),
});

export const searchTracesParameters = z.strictObject({
  ...searched,
  ...listed,
  order: z.enum(traceOrders, `expected ${traceOrders.join(', ')}`).default('time'),
});

/** What a canvas has room for. */
const mostBins = 500;

export const histogramParameters = z.strictObject({ ...searched, bins: count(mostBins, 60) });

export const groupsParameters = z.strictObject({
  ...searched,
  by: z
    .string()
    .default('')
    .describe('Up to three fields as in filters, with commas between; none: all together.'),
  limit: count(limits.searchGroups.value, 100),
});

export const valuesParameters = z.strictObject({
  ...searched,
  field: z.string().meta({ description: 'A field as in filters.', minLength: 1 }),
  limit: count(limits.searchGroups.value, 20),
});

export type SearchedParameters = z.output<z.ZodObject<typeof searched>>;

/** @throws QueryError 400 that names the place. */
export function filterOf(text: string): ParsedFilter & { readonly ok: true } {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw notUnderstood('filter', parsed.error);
  return parsed;
}

/** @throws QueryError 400 that names the place, also for too many, and for fields that spans don't have. */
export function fieldsOf(
  parameter: 'by' | 'field',
  text: string,
  least: number,
  most: number,
): readonly Field[] {
  const parsed = parseFields(text);
  if (!parsed.ok) throw notUnderstood(parameter, parsed.error);
  const { fields } = parsed;
  if (fields.length < least || fields.length > most) {
    throw notUnderstood(parameter, {
      message: most === 1 ? 'expected a field' : `expected at most ${most} fields`,
      from: 0,
      to: text.length,
    });
  }
  const ofTrace = fields.find(
    (field) => field.type === 'intrinsic' && intrinsicKind(field.name).of === 'trace',
  );
  if (ofTrace !== undefined) {
    const name = formatField(ofTrace);
    const from = text.indexOf(name);
    throw notUnderstood(parameter, {
      message: `${name} speaks of whole traces; expected a field of spans`,
      from,
      to: from + name.length,
    });
  }
  return fields;
}

function notUnderstood(
  parameter: string,
  { message, from, to, didYouMean }: Pick<FilterError, 'message' | 'from' | 'to' | 'didYouMean'>,
): QueryError {
  return new QueryError(400, 'invalid_parameter', `${parameter}: ${message}`, {
    parameter,
    place: { position: { from, to }, ...(didYouMean === undefined ? {} : { didYouMean }) },
  });
}
