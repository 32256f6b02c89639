import {
  type AttributeField,
  type AttributeLevel,
  attributeLevels,
  type ComparisonOperator,
  checkPattern,
  type Field,
  type Filter,
  filterBounds,
  type IntrinsicName,
  intrinsicKind,
  type Value,
} from '@spanwise/filter';
import { parseGoDuration } from './go-duration.ts';
import { ParameterError } from './parsing.ts';

/*
 * Jaeger's structured filter, as the filter of @spanwise/filter. (jaegertracing/jaeger,
 * docs/rfc/0005-structured-query-filters.md of 2026-10-05; jaeger-idl, proto/expression/v1/expression.proto.)
 *
 * A comparison of something that a span does not have is false, `ne` and `not_in` included: these hold where it is
 * there and no value of it is equal. An attribute without a level is one of span or resource. A value without a type
 * is compared with the text form of attributes of all types; ordered comparisons are of numbers.
 */

type Message = Readonly<Record<string, unknown>>;

/** A built-in field of each level, and ours; `undefined`: known to Jaeger, not searched here. */
const fields: Readonly<Record<AttributeLevel, Readonly<Record<string, IntrinsicName | undefined>>>> = {
  span: {
    name: 'name',
    kind: 'kind',
    status: 'status',
    statusMessage: 'status_message',
    duration: 'duration',
    traceID: undefined,
    spanID: undefined,
    parentSpanID: undefined,
    traceState: undefined,
    startTime: undefined,
    endTime: undefined,
  },
  resource: { service: 'service', schemaURL: undefined },
  scope: { name: 'scope_name', version: undefined, schemaURL: undefined },
  event: { name: 'event_name', time: undefined, timeSinceStart: undefined },
  link: { traceID: undefined, spanID: undefined, traceState: undefined },
};

const comparisons: Readonly<Record<string, ComparisonOperator>> = {
  eq: '=',
  ne: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
};
const mirrored: Readonly<Record<string, string>> = { gt: 'lt', gte: 'lte', lt: 'gt', lte: 'gte' };
const operators = [
  ...Object.keys(comparisons),
  'and',
  'or',
  'not',
  'regex',
  'exists',
  'in',
  'not_in',
  'some',
];
const terms = ['attr', 'field', 'nested', 'scalar', 'list', 'call'] as const;
const types = ['', 'string', 'int', 'double', 'bool'];

/** What is compared: `fields` are alternatives. */
interface Reference {
  readonly fields: readonly Field[];
  readonly path: string;
}

interface Constant {
  readonly text: string;
  readonly type: string;
  readonly path: string;
}

/**
 * `call`: the message as JSON or as a protobuf library decodes it; `name`: of the parameter, for messages.
 * Errors: `ParameterError` with the place.
 */
export function structuredFilter(call: unknown, name = 'query.filter'): Filter {
  return new Reader().call(messageOf(call, name), name, 1);
}

/** The JSON form of a parameter. */
export function parseStructuredFilter(text: string, name = 'query.filter'): Filter {
  if (text.length > filterBounds.characters) {
    throw new ParameterError(
      `malformed parameter ${name}: longer than ${filterBounds.characters} characters`,
    );
  }
  let call: unknown;
  try {
    call = JSON.parse(text);
  } catch {
    throw new ParameterError(`malformed parameter ${name}: not JSON`);
  }
  return structuredFilter(call, name);
}

/** `others`: what the older fields ask for; absent: nothing. Errors: as `structuredFilter`. */
export function checkFilterIsAlone(others: readonly unknown[], name = 'query.filter'): void {
  if (others.every((other) => other === undefined)) return;
  throw malformed(
    name,
    'it goes with times and depth only; say service, operation, durations and attributes in it',
  );
}

class Reader {
  #terms = 0;

  predicate(node: unknown, path: string, depth: number, within?: AttributeLevel): Filter {
    const [term, body] = termOf(node, path);
    if (term !== 'call') throw malformed(path, 'a condition is a call');
    return this.call(body, `${path}.call`, depth, within);
  }

  call(body: Message, path: string, depth: number, within?: AttributeLevel): Filter {
    if (depth > filterBounds.depth) throw malformed(path, `deeper than ${filterBounds.depth} levels`);
    const op = textOf(body, 'op', path);
    const args = listOf(body, 'args', path);
    const at = (index: number) => `${path}.args[${index}]`;
    const count = (least: number, most = least) => {
      if (args.length < least || args.length > most) {
        throw malformed(path, `${op} takes ${least === most ? least : `${least} or more`} arguments`);
      }
    };
    this.#take(path);
    switch (op) {
      case 'and':
      case 'or':
        count(2, Number.POSITIVE_INFINITY);
        if (within !== undefined && op === 'and') throw unsupported(path, `and inside of some`);
        return {
          type: op === 'and' ? 'all' : 'any',
          parts: args.map((arg, index) => this.predicate(arg, at(index), depth + 1, within)),
        };
      case 'not':
        count(1);
        if (within !== undefined) throw unsupported(path, 'not inside of some');
        return { type: 'not', part: this.predicate(args[0], at(0), depth + 1) };
      case 'some':
        count(2);
        if (within !== undefined) throw malformed(path, 'some inside of some');
        return this.predicate(args[1], at(1), depth + 1, nestedLevel(args[0], at(0)));
      case 'exists':
        count(1);
        return existsOf(referenceOf(args[0], at(0), within));
      case 'regex':
        count(2);
        return matchOf(referenceOf(args[0], at(0), within), constantOf(args[1], at(1)));
      case 'in':
      case 'not_in': {
        count(2);
        const reference = referenceOf(args[0], at(0), within);
        const values = constantsOf(args[1], at(1));
        for (const { path: place } of values) this.#take(place);
        const found = anyOf(values.map((value) => compare('=', reference, value)));
        if (op === 'in') return found;
        if (within !== undefined) throw unsupported(path, 'not_in inside of some');
        return presentAndNot(reference, found);
      }
      default: {
        if (!Object.hasOwn(comparisons, op)) {
          throw malformed(`${path}.op`, `${JSON.stringify(op)} is none of ${operators.join(', ')}`);
        }
        count(2);
        const isSwapped = termOf(args[0], at(0))[0] === 'scalar' && termOf(args[1], at(1))[0] !== 'scalar';
        const [left, right] = isSwapped ? [1, 0] : [0, 1];
        const reference = referenceOf(args[left], at(left), within);
        const constant = constantOf(args[right], at(right));
        const operator = comparisons[isSwapped ? (mirrored[op] ?? op) : op]!;
        // Inside of `some` one element is spoken of: it has the value, and another one than that.
        if (operator !== '!=' || within !== undefined) return compare(operator, reference, constant);
        return presentAndNot(reference, compare('=', reference, constant));
      }
    }
  }

  #take(path: string): void {
    this.#terms += 1;
    if (this.#terms > filterBounds.terms) throw malformed(path, `more than ${filterBounds.terms} terms`);
  }
}

function existsOf({ fields }: Reference): Filter {
  return anyOf(fields.map((field) => ({ type: 'exists', field })));
}

/** `ne`, `not_in`. */
function presentAndNot(reference: Reference, found: Filter): Filter {
  return { type: 'all', parts: [existsOf(reference), { type: 'not', part: found }] };
}

function compare(operator: ComparisonOperator, { fields, path }: Reference, constant: Constant): Filter {
  const isOrder = operator !== '=' && operator !== '!=';
  return anyOf(
    fields.map((field) => {
      const value = fieldValue(field, constant, isOrder);
      if (isOrder && value.type !== 'number' && value.type !== 'duration') {
        throw unsupported(path, 'an ordered comparison of anything but numbers and durations');
      }
      return { type: 'comparison', field, operator, value };
    }),
  );
}

function matchOf({ fields, path }: Reference, { text, type, path: place }: Constant): Filter {
  if (type !== '' && type !== 'string') throw malformed(place, 'a pattern is a string');
  const error = checkPattern(text);
  if (error !== undefined) throw malformed(place, `${error.message} (at ${error.at})`);
  // Not all of Jaeger's stores have these, so Jaeger refuses them.
  if (/(^|[^\\[])(\\\\)*([$^]|\\[bBAz]|[*+?}]\?|\(\?[a-zA-Z-]+[):])/.test(text)) {
    throw malformed(place, 'no anchors, word boundaries, lazy repeats or flags in a pattern');
  }
  return anyOf(
    fields.map((field) => {
      if (field.type === 'intrinsic' && intrinsicKind(field.name).type !== 'text') {
        throw unsupported(path, 'a pattern for what is no text');
      }
      // Anywhere in the value; our patterns speak of the whole.
      return { type: 'match', field, operator: '=~', pattern: `(?s:.*)(?:${text})(?s:.*)` };
    }),
  );
}

function anyOf(parts: readonly Filter[]): Filter {
  return parts.length === 1 ? parts[0]! : { type: 'any', parts };
}

function fieldValue(field: Field, constant: Constant, isOrder: boolean): Value {
  if (field.type === 'attribute') return attributeValue(constant, isOrder);
  const { text, type, path } = constant;
  if (type !== '' && type !== 'string') throw malformed(path, `the field is no ${type}`);
  const kind = intrinsicKind(field.name);
  if (kind.type === 'duration') {
    const nanos = parseGoDuration(text);
    if (nanos === undefined) throw malformed(path, 'not a duration like 1.5s or 100ms');
    return { type: 'duration', nanos };
  }
  if (kind.type === 'choice') {
    const word = text.toLowerCase();
    if (kind.words?.includes(word) !== true) {
      throw malformed(path, `${JSON.stringify(text)} is none of ${kind.words?.join(', ')}`);
    }
    return { type: 'string', value: word };
  }
  return { type: 'string', value: text };
}

const integer = /^-?\d{1,19}$/;
const decimal = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;

function attributeValue({ text, type, path }: Constant, isOrder: boolean): Value {
  switch (type) {
    case 'bool':
      if (text !== 'true' && text !== 'false') throw malformed(path, 'not true or false');
      return { type: 'boolean', value: text === 'true' };
    case 'int':
      if (!integer.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
        throw malformed(path, 'not an integer of 64 bits');
      }
      return { type: 'number', value: BigInt(text) };
    case 'double':
      if (!decimal.test(text)) throw malformed(path, 'not a number');
      return { type: 'number', value: Number(text) };
    case 'string':
      // Texts are compared with text forms: one that may be that of a number or truth value is not told apart.
      if (decimal.test(text) || text === 'true' || text === 'false') {
        throw unsupported(path, 'a string that looks like a value of another type, with its type');
      }
      return { type: 'string', value: text };
    default:
      if (!isOrder || !decimal.test(text)) return { type: 'string', value: text };
      return integer.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
        ? { type: 'number', value: BigInt(text) }
        : { type: 'number', value: Number(text) };
  }
}

function referenceOf(node: unknown, path: string, within: AttributeLevel | undefined): Reference {
  const [term, body] = termOf(node, path);
  if (term !== 'attr' && term !== 'field') {
    throw term === 'scalar'
      ? unsupported(path, 'a comparison of two constants')
      : malformed(path, 'expected an attribute or a field');
  }
  const level = levelOf(body, path, term === 'field' || within !== undefined);
  if (within !== undefined && level !== within) {
    throw malformed(`${path}.${term}.level`, `inside of some it is ${within}`);
  }
  if (term === 'attr') {
    const key = textOf(body, 'key', path);
    if (key === '') throw malformed(`${path}.attr.key`, 'required');
    const levels: readonly AttributeLevel[] = level === undefined ? ['span', 'resource'] : [level];
    return { path, fields: levels.map((one): AttributeField => ({ type: 'attribute', level: one, key })) };
  }
  const name = textOf(body, 'name', path);
  const known = fields[level!];
  if (!Object.hasOwn(known, name)) {
    throw malformed(
      `${path}.field.name`,
      `${JSON.stringify(name)} is none of ${Object.keys(known).join(', ')}`,
    );
  }
  const field = known[name];
  if (field === undefined) throw unsupported(path, `the field ${name} of ${level}`);
  return { path, fields: [{ type: 'intrinsic', name: field }] };
}

function nestedLevel(node: unknown, path: string): AttributeLevel {
  const [term, body] = termOf(node, path);
  const level = term === 'nested' ? textOf(body, 'level', path) : '';
  if (level !== 'event' && level !== 'link') throw malformed(path, 'some takes nested events or links');
  return level;
}

function constantOf(node: unknown, path: string): Constant {
  const [term, body] = termOf(node, path);
  if (term === 'attr' || term === 'field') throw unsupported(path, 'a comparison of two references');
  if (term !== 'scalar') throw malformed(path, 'expected a scalar');
  return { text: textOf(body, 'value', path), type: typeOf(body, path), path };
}

function constantsOf(node: unknown, path: string): readonly Constant[] {
  const [term, body] = termOf(node, path);
  if (term !== 'list') throw malformed(path, 'expected a list');
  const values = listOf(body, 'values', path);
  if (values.length === 0) throw malformed(path, 'a list has at least one value');
  const type = typeOf(body, path);
  return values.map((value, index) => {
    const place = `${path}.list.values[${index}]`;
    if (typeof value !== 'string') throw malformed(place, 'a value is text');
    return { text: value, type, path: place };
  });
}

/** The one term that the node has, and its message. */
function termOf(node: unknown, path: string): readonly [(typeof terms)[number], Message] {
  const message = messageOf(node, path);
  const found = terms.filter((term) => message[term] !== undefined && message[term] !== null);
  const [term] = found;
  const body = term === undefined ? undefined : message[term];
  if (term === undefined || found.length > 1 || typeof body !== 'object') {
    throw malformed(path, `expected one of ${terms.join(', ')}`);
  }
  return [term, body as Message];
}

function messageOf(node: unknown, path: string): Message {
  if (typeof node !== 'object' || node === null || Array.isArray(node))
    throw malformed(path, 'expected an object');
  return node as Message;
}

function levelOf(body: Message, path: string, isNeeded: boolean): AttributeLevel | undefined {
  const level = textOf(body, 'level', path);
  if (level === '' && !isNeeded) return undefined;
  const known = attributeLevels.find((one) => one === level);
  if (known === undefined) {
    throw malformed(path, `level ${JSON.stringify(level)} is none of ${attributeLevels.join(', ')}`);
  }
  return known;
}

function typeOf(body: Message, path: string): string {
  const type = textOf(body, 'type', path);
  if (!types.includes(type))
    throw malformed(path, `type ${JSON.stringify(type)} is none of ${types.slice(1).join(', ')}`);
  return type;
}

/** Absent fields are empty, as in protobuf. */
function textOf(body: Message, name: string, path: string): string {
  const value = body[name] ?? '';
  if (typeof value !== 'string') throw malformed(path, `${name} is text`);
  return value;
}

function listOf(body: Message, name: string, path: string): readonly unknown[] {
  const value = body[name] ?? [];
  if (!Array.isArray(value)) throw malformed(path, `${name} is a list`);
  return value;
}

const malformed = (path: string, message: string) =>
  new ParameterError(`malformed parameter ${path}: ${message}`);

const unsupported = (path: string, what: string) =>
  new ParameterError(`malformed parameter ${path}: not supported: ${what}`);
