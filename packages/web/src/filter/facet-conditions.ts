import type { Field, Filter } from '@spanwise/filter';
import { type Conditions, equality, isField, replaceConditions } from './conditions.ts';

/** What a filter says about one field by naming values. */
export interface FacetChoice {
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

export function readFacet(conditions: Conditions, field: Field): FacetChoice {
  return {
    included: conditions.flatMap((condition) => namedValues(condition, field) ?? []),
    excluded: conditions.flatMap((condition) =>
      condition.type === 'not' ? (namedValues(condition.part, field) ?? []) : [],
    ),
  };
}

/** The filter without what it says about the field's values: of that, a facet counts all there are to choose from. */
export function withoutFacet(conditions: Conditions, field: Field): Conditions {
  return conditions.filter((condition) => !isOfFacet(condition, field));
}

/** Takes `value` in, or out where it is in already. One that was excluded no longer is. */
export function toggleIncluded(conditions: Conditions, field: Field, value: string): Conditions {
  const { included, excluded } = readFacet(conditions, field);
  return writeFacet(conditions, field, {
    included: toggle(included, value),
    excluded: less(excluded, value),
  });
}

/** Excludes `value`, or no longer where it is excluded already. */
export function toggleExcluded(conditions: Conditions, field: Field, value: string): Conditions {
  const { included, excluded } = readFacet(conditions, field);
  return writeFacet(conditions, field, {
    included: less(included, value),
    excluded: toggle(excluded, value),
  });
}

function writeFacet(conditions: Conditions, field: Field, choice: FacetChoice): Conditions {
  return replaceConditions(conditions, (condition) => isOfFacet(condition, field), [
    ...membership(field, choice.included),
    ...membership(field, choice.excluded).map((part): Filter => ({ type: 'not', part })),
  ]);
}

function membership(field: Field, values: readonly string[]): readonly Filter[] {
  const [first, ...more] = values;
  if (first === undefined) return [];
  if (more.length === 0) return [equality(field, first)];
  return [{ type: 'membership', field, values: values.map((value) => ({ type: 'string', value })) }];
}

function isOfFacet(condition: Filter, field: Field): boolean {
  return namedValues(condition.type === 'not' ? condition.part : condition, field) !== undefined;
}

/** Values that a condition names for the field by `=` or `in`. Absence: undefined where it says something else. */
function namedValues(condition: Filter, field: Field): readonly string[] | undefined {
  if (condition.type === 'membership' && isField(condition.field, field)) {
    return condition.values.map(textOf);
  }
  const isEquality = condition.type === 'comparison' && condition.operator === '=';
  return isEquality && isField(condition.field, field) ? [textOf(condition.value)] : undefined;
}

function textOf(value: (Filter & { readonly type: 'comparison' })['value']): string {
  return String(value.type === 'duration' ? value.nanos : value.value);
}

function toggle(values: readonly string[], value: string): readonly string[] {
  return values.includes(value) ? less(values, value) : [...values, value];
}

function less(values: readonly string[], value: string): readonly string[] {
  return values.filter((one) => one !== value);
}
