import {
  type Field,
  type Filter,
  formatField,
  formatFilter,
  parseFields,
  parseFilter,
} from '@spanwise/filter';

/** Conditions that must all hold: what a filter says on its outermost level. */
export type Conditions = readonly Filter[];

/** Absence: undefined for a text that is no filter. */
export function parseConditions(text: string): Conditions | undefined {
  const parsed = parseFilter(text);
  if (!parsed.ok) return undefined;
  return parsed.filter.type === 'all' ? parsed.filter.parts : [parsed.filter];
}

/** Text that `parseConditions` reads back as the same. */
export function formatConditions(conditions: Conditions): string {
  const [first, ...more] = conditions;
  if (first === undefined) return '';
  return formatFilter(more.length === 0 ? first : { type: 'all', parts: conditions });
}

/** Puts `next` where the first of those that `isReplaced` stood, or behind all. */
export function replaceConditions(
  conditions: Conditions,
  isReplaced: (condition: Filter) => boolean,
  next: Conditions,
): Conditions {
  const at = conditions.findIndex(isReplaced);
  const place = at === -1 ? conditions.length : at;
  return [
    ...conditions.slice(0, place),
    ...next,
    ...conditions.slice(place).filter((condition) => !isReplaced(condition)),
  ];
}

export function equality(field: Field, value: string): Filter {
  return { type: 'comparison', field, operator: '=', value: { type: 'string', value } };
}

/** The field of that name as filters write it, else the attribute with that key. */
export function fieldOf(name: string): Field {
  const parsed = parseFields(name);
  const [field, ...more] = parsed.ok ? parsed.fields : [];
  return field !== undefined && more.length === 0 ? field : { type: 'attribute', key: name };
}

export function isField(field: Field, other: Field): boolean {
  return formatField(field) === formatField(other);
}
