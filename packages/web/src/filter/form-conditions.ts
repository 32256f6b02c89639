import { type Filter, formatDuration } from '@spanwise/filter';
import { parseGoDuration, parseLogfmt } from '@spanwise/jaeger';
import { type Conditions, equality, replaceConditions } from './conditions.ts';

/** What the form's controls say, in the words of people; empty where the filter says nothing about it. */
export interface FormValues {
  readonly service: string;
  readonly operation: string;
  readonly status: string;
  /** Attributes of any level and their text, as logfmt. */
  readonly tags: string;
  readonly minDuration: string;
  readonly maxDuration: string;
}

export type FormSlot = keyof FormValues;

/** Which conditions a control stands for: the form and the text are two views of one filter. */
const belongsTo: { readonly [Slot in FormSlot]: (condition: Filter) => boolean } = {
  service: (condition) => isIntrinsic(condition, 'service', ['=']),
  operation: (condition) => isIntrinsic(condition, 'name', ['=']),
  status: (condition) => isIntrinsic(condition, 'status', ['=']),
  tags: (condition) =>
    condition.type === 'comparison' &&
    condition.operator === '=' &&
    condition.field.type === 'attribute' &&
    condition.field.level === undefined &&
    condition.value.type === 'string',
  minDuration: (condition) => isIntrinsic(condition, 'duration', ['>', '>=']),
  maxDuration: (condition) => isIntrinsic(condition, 'duration', ['<', '<=']),
};

export const formSlots = Object.keys(belongsTo) as readonly FormSlot[];

/** Of several conditions on the same field the first is shown. */
export function readForm(conditions: Conditions): FormValues {
  const of = (slot: FormSlot) => conditions.filter(belongsTo[slot]);
  const first = (slot: FormSlot) => of(slot).map(valueText)[0] ?? '';
  return {
    service: first('service'),
    operation: first('operation'),
    status: first('status'),
    tags: of('tags').map(tagText).join(' '),
    minDuration: first('minDuration'),
    maxDuration: first('maxDuration'),
  };
}

/** Absence: undefined where `value` is not what the control takes, such as half a duration. */
export function writeForm(conditions: Conditions, slot: FormSlot, value: string): Conditions | undefined {
  const next = conditionsFor(slot, value);
  return next && replaceConditions(conditions, belongsTo[slot], next);
}

/** Durations from `leastNanos` to `mostNanos`, both included, instead of what was said about them. */
export function writeDurations(conditions: Conditions, leastNanos: number, mostNanos: number): Conditions {
  const least = replaceConditions(conditions, belongsTo.minDuration, [durationCondition('>=', leastNanos)]);
  return replaceConditions(least, belongsTo.maxDuration, [durationCondition('<=', mostNanos)]);
}

function conditionsFor(slot: FormSlot, value: string): Conditions | undefined {
  if (value.trim() === '') return [];
  switch (slot) {
    case 'service':
      return [equality({ type: 'intrinsic', name: 'service' }, value)];
    case 'operation':
      return [equality({ type: 'intrinsic', name: 'name' }, value)];
    case 'status':
      return [equality({ type: 'intrinsic', name: 'status' }, value)];
    case 'tags': {
      const tags = parseLogfmt(value);
      return tags.ok
        ? tags.value.map((tag) => equality({ type: 'attribute', key: tag.key }, tag.value))
        : undefined;
    }
    case 'minDuration':
      return parsedDuration('>=', value.trim());
    case 'maxDuration':
      return parsedDuration('<=', value.trim());
  }
}

function parsedDuration(operator: '>=' | '<=', text: string): Conditions | undefined {
  const nanos = parseGoDuration(text);
  return nanos === undefined || nanos < 0 ? undefined : [durationCondition(operator, nanos)];
}

function durationCondition(operator: '>=' | '<=', nanos: number): Filter {
  const field = { type: 'intrinsic', name: 'duration' } as const;
  return { type: 'comparison', field, operator, value: { type: 'duration', nanos } };
}

function isIntrinsic(condition: Filter, name: string, operators: readonly string[]): boolean {
  return (
    condition.type === 'comparison' &&
    condition.field.type === 'intrinsic' &&
    condition.field.name === name &&
    operators.includes(condition.operator)
  );
}

function valueText(condition: Filter): string {
  if (condition.type !== 'comparison') return '';
  const { value } = condition;
  return value.type === 'duration' ? formatDuration(value.nanos) : String(value.value);
}

/** `key=value`, quoted where it must be. */
function tagText(condition: Filter): string {
  if (condition.type !== 'comparison' || condition.field.type !== 'attribute') return '';
  const value = valueText(condition);
  const { key } = condition.field;
  return /^[^\s"=]+$/.test(value) ? `${key}=${value}` : `${key}="${value.replace(/["\\]/g, '\\$&')}"`;
}
