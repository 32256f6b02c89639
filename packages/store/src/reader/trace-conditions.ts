import { statusCodes } from '@spanwise/model';
import type { QueryParameter } from '../engine.ts';
import { formatAttributeText } from '../rows/attributes.ts';
import { hasToken, tokenValueBytes } from '../schema/attribute-tokens.ts';
import type { AttributeCondition, TraceQuery } from '../store.ts';
import { timeFrom } from './tenant-query.ts';

export interface Conditions {
  /** The narrowest table that holds all columns in question. */
  readonly table: 'span_search' | 'spans';
  /** Starts with ` AND `, or is empty. Without the time window. */
  readonly sql: string;
  readonly parameters: Readonly<Record<string, QueryParameter>>;
}

/** What one single span must satisfy, apart from when it started. */
export function conditionsOf(query: TraceQuery): Conditions {
  const parts: string[] = [];
  const parameters: Record<string, QueryParameter> = {};
  const add = (sql: string, name: string, value: QueryParameter | undefined) => {
    if (value === undefined) return;
    parts.push(sql);
    parameters[name] = value;
  };
  add('service = {service:String}', 'service', query.service);
  add('name = {operation:String}', 'operation', query.operation);
  add('kind = {kind:UInt8}', 'kind', query.kind);
  add('duration >= {durationMin:UInt64}', 'durationMin', wholeNanos(query.durationNanosMin, Math.ceil));
  add('duration <= {durationMax:UInt64}', 'durationMax', wholeNanos(query.durationNanosMax, Math.floor));
  if (query.hasError !== undefined) {
    parts.push(`status_code ${query.hasError ? '=' : '!='} ${statusCodes.error}`);
  }
  const attributes = query.attributes ?? [];
  for (const [index, condition] of attributes.entries()) {
    parts.push(attributeCondition(condition, index, parameters));
  }
  return {
    table: attributes.length > 0 ? 'spans' : 'span_search',
    sql: parts.map((part) => ` AND ${part}`).join(''),
    parameters,
  };
}

/** Inclusive bounds, in nanoseconds since the epoch. */
export const inWindow = ` AND start_time >= ${timeFrom('from')} AND start_time <= ${timeFrom('to')}`;

function wholeNanos(nanos: number | undefined, round: (value: number) => number): bigint | undefined {
  if (nanos === undefined) return undefined;
  return BigInt(Math.max(0, Math.min(round(nanos), Number.MAX_SAFE_INTEGER)));
}

function attributeCondition(
  { level, key, value }: AttributeCondition,
  index: number,
  parameters: Record<string, QueryParameter>,
): string {
  const keyName = `key${index}`;
  const valueName = `value${index}`;
  const token = tokenOf(index, key, value, parameters);
  if (token.isExact && level === undefined) return token.sql;
  parameters[keyName] = key;
  parameters[valueName] = value;
  const inList = (list: string) =>
    `arrayExists(a -> a.1 = {${keyName}:String} AND a.3 = {${valueName}:String}, ${list})`;
  const inMap = (map: string, equals: string) =>
    `(mapContains(${map}, {${keyName}:String}) AND ${map}[{${keyName}:String}] ${equals})`;

  const onSpan = () => {
    const parts = [inMap('attributes_string', `= {${valueName}:String}`), inList('attributes_other')];
    const integer = parseInteger(value);
    if (integer !== undefined) {
      parameters[`int${index}`] = integer;
      parts.push(inMap('attributes_int', `= {int${index}:Int64}`));
    }
    const double = Number(value);
    // Only what reads back the same: `03` and `3.0` are no text form of 3.
    if (formatAttributeText(double) === value) {
      parameters[`double${index}`] = double;
      const column = `attributes_double[{${keyName}:String}]`;
      parts.push(
        // SQL takes -0 for 0, and NaN for unequal to itself; their text forms differ.
        Number.isNaN(double)
          ? `isNaN(${column} + {double${index}:Float64})`
          : `(mapContains(attributes_double, {${keyName}:String}) AND reinterpretAsUInt64(${column}) = reinterpretAsUInt64({double${index}:Float64}))`,
      );
    }
    if (value === 'true' || value === 'false') parts.push(inMap('attributes_bool', `= ${value}`));
    return parts.join(' OR ');
  };
  const byLevel = {
    span: onSpan,
    resource: () => inList('resource_attributes'),
    scope: () => inList('scope_attributes'),
    event: () => `arrayExists(e -> ${inList('e.3')}, events)`,
    link: () => `arrayExists(l -> ${inList('l.5')}, links)`,
  };
  if (level !== undefined) return `(${token.sql} AND (${byLevel[level]()}))`;
  return `(${token.sql} AND (${Object.values(byLevel)
    .map((part) => part())
    .join(' OR ')}))`;
}

/** What the engine alone writes for some doubles: `1e21`, `nan`, `-inf`. */
const engineDouble = /^-?(\d.*e.*|nan|inf)$/;

export interface Token {
  /** Answered by the text index; true of every span that has the attribute. */
  readonly sql: string;
  /** Also false of every span that hasn't. */
  readonly isExact: boolean;
}

/** Doubles whose text the engine writes as we do: no exponent, no special value. */
const plainDouble = /^-?\d{1,15}(\.\d{1,6})?$/;

export function tokenOf(
  index: number,
  key: string,
  value: string,
  parameters: Record<string, QueryParameter>,
): Token {
  const name = `token${index}`;
  const start = Buffer.from(value).subarray(0, tokenValueBytes);
  const isCut = start.length === tokenValueBytes;
  const double = Number(value);
  const isDouble = formatAttributeText(double) === value && !plainDouble.test(value);
  if (isCut) {
    // The cut may fall into a character: parameters are text, so the engine cuts too.
    parameters[name] = value;
    parameters[`${name}Key`] = key;
    const text = `concat({${name}Key:String}, '=', left({${name}:String}, ${tokenValueBytes}))`;
    return { sql: hasToken(text), isExact: false };
  }
  parameters[name] = `${key}=${value}`;
  if (!isDouble) {
    const isExact = !key.includes('=') && !value.includes('=') && !engineDouble.test(value);
    return { sql: hasToken(`{${name}:String}`), isExact };
  }
  parameters[`${name}Key`] = key;
  parameters[`${name}Double`] = double;
  const asDouble = `concat({${name}Key:String}, '=', toString({${name}Double:Float64}))`;
  return { sql: hasToken(`{${name}:String}`, asDouble), isExact: false };
}

export function parseInteger(text: string): bigint | undefined {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
