import {
  type AttributeField,
  type AttributeLevel,
  attributeLevels,
  type Comparison,
  type Exists,
  type IntrinsicName,
  intrinsicKind,
  type Match,
  type Membership,
  type Value,
} from '@spanwise/filter';
import { spanKinds, statusCodes } from '@spanwise/model';
import { noSpanId } from '../tenant-query.ts';
import type { StatementParameters } from './statement-parameters.ts';
import {
  anyOf,
  comparisonTest,
  existsTest,
  listSql,
  mapsSql,
  matchSql,
  matchTest,
  type ValueTest,
} from './value-test.ts';

/** A condition on one field. */
export type FieldCondition = Comparison | Membership | Match | Exists;

/** Of spans; `trace_summary` has the fields of whole traces. */
export type SearchTable = 'span_search' | 'spans' | 'trace_summary';

export function fieldConditionSql(
  condition: FieldCondition,
  table: SearchTable,
  parameters: StatementParameters,
): string {
  const { field } = condition;
  if (field.type === 'intrinsic') {
    return field.name === 'event_name'
      ? `arrayExists(e -> ${intrinsicSql(condition, field.name, { known: "e.2 != ''", value: 'e.2' }, parameters)}, events)`
      : intrinsicSql(condition, field.name, columnOf(field.name, table), parameters);
  }
  switch (condition.type) {
    case 'exists':
      return attributeSql(field, existsTest, parameters);
    case 'match':
      return attributeSql(
        field,
        matchTest(condition.pattern, condition.operator === '=~', parameters),
        parameters,
      );
    case 'comparison':
      return attributeSql(
        field,
        comparisonTest(field.key, condition.operator, condition.value, parameters),
        parameters,
      );
    case 'membership':
      return anyOf(
        condition.values.map((value) =>
          attributeSql(field, comparisonTest(field.key, '=', value, parameters), parameters),
        ),
      );
  }
}

function attributeSql(
  { level, key }: AttributeField,
  test: ValueTest,
  parameters: StatementParameters,
): string {
  const name = parameters.add(key, 'String');
  const byLevel: Readonly<Record<AttributeLevel, () => string>> = {
    span: () => mapsSql(name, test),
    resource: () => listSql('resource_attributes', name, test),
    scope: () => listSql('scope_attributes', name, test),
    event: () => `arrayExists(e -> ${listSql('e.3', name, test)}, events)`,
    link: () => `arrayExists(l -> ${listSql('l.5', name, test)}, links)`,
  };
  const searched = level === undefined ? attributeLevels : [level];
  const holds = anyOf(searched.map((one) => byLevel[one]()));
  return test.indexed === undefined ? holds : `(${test.indexed} AND ${holds})`;
}

/** What a field that is no attribute is in SQL. */
export interface FieldColumn {
  /** Absent: of every span. */
  readonly known?: string;
  readonly value: string;
}

const text = (value: string): FieldColumn => ({ known: `${value} != ''`, value });
const count = (value: string): FieldColumn => ({ known: `${value} >= 0`, value });

/** Fields that `span_search` has, too. */
export const searchFields: ReadonlySet<IntrinsicName> = new Set([
  'service',
  'name',
  'kind',
  'status',
  'duration',
  'root',
  'operation',
  'model',
  'tokens',
  'input_tokens',
  'output_tokens',
]);

export function columnOf(name: IntrinsicName, table: SearchTable): FieldColumn {
  if (table === 'trace_summary') return summaryColumnOf(name);
  switch (name) {
    case 'kind':
    case 'duration':
      return { value: name };
    case 'status':
      return { value: 'status_code' };
    case 'root':
      return { value: table === 'span_search' ? 'is_root' : `(parent_span_id = ${noSpanId})` };
    case 'model':
      return text("if(response_model = '', request_model, response_model)");
    case 'tokens':
      return {
        known: '(input_tokens >= 0 OR output_tokens >= 0)',
        value: '(greatest(input_tokens, 0) + greatest(output_tokens, 0))',
      };
    case 'input_tokens':
    case 'output_tokens':
      return count(name);
    case 'cost':
      return { known: 'cost_state != 0', value: name };
    case 'trace_duration':
      return {
        value: `(max(toUnixTimestamp64Nano(start_time) + toInt64(duration)) - toUnixTimestamp64Nano(min(start_time)))`,
      };
    case 'span_count':
      return { value: 'count()' };
    case 'error_count':
      return { value: `countIf(status_code = ${statusCodes.error})` };
    case 'root_service':
      return text(ofRoot('service'));
    case 'root_name':
      return text(ofRoot('name'));
    default:
      return text(name);
  }
}

/** As the settle job found it. */
function summaryColumnOf(name: IntrinsicName): FieldColumn {
  switch (name) {
    case 'trace_duration':
      return { value: 'duration' };
    case 'span_count':
    case 'error_count':
      return { value: name };
    default:
      return text(name);
  }
}

/** Empty while there is no root. */
const ofRoot = (column: string) =>
  `argMinIf(toString(${column}), (start_time, span_id), parent_span_id = ${noSpanId})`;

function intrinsicSql(
  condition: FieldCondition,
  name: IntrinsicName,
  { known, value }: FieldColumn,
  parameters: StatementParameters,
): string {
  const compare = (operator: string, wanted: Value) =>
    `${value} ${operator} ${literal(name, wanted, parameters)}`;
  const holds = () => {
    switch (condition.type) {
      case 'exists':
        return '1';
      case 'match':
        return matchSql(value, condition.pattern, condition.operator === '=~', parameters);
      case 'comparison':
        return compare(condition.operator, condition.value);
      case 'membership':
        return anyOf(condition.values.map((wanted) => compare('=', wanted)));
    }
  };
  return known === undefined ? `(${holds()})` : `(${known} AND ${holds()})`;
}

function literal(name: IntrinsicName, value: Value, parameters: StatementParameters): string {
  switch (value.type) {
    case 'string': {
      if (intrinsicKind(name).type !== 'choice') return parameters.add(value.value, 'String');
      const codes: Readonly<Record<string, number>> = name === 'kind' ? spanKinds : statusCodes;
      return parameters.add(codes[value.value]!, 'UInt8'); // the parser knows the words
    }
    case 'boolean':
      return parameters.add(value.value, 'Bool');
    case 'duration':
      return parameters.add(BigInt(value.nanos), 'UInt64');
    case 'number':
      return parameters.add(value.value, typeof value.value === 'bigint' ? 'Int64' : 'Float64');
  }
}
