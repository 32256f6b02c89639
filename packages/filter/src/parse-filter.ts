import { didYouMean } from '@spanwise/model';
import { checkPattern } from './check-pattern.ts';
import { parseDuration } from './durations.ts';
import { findIntrinsic, intrinsicKind, intrinsicNames } from './fields.ts';
import {
  type AttributeLevel,
  attributeLevels,
  type ComparisonOperator,
  type Field,
  type Filter,
  type Structure,
  type Value,
} from './filter.ts';
import { filterBounds } from './filter-bounds.ts';
import { type Token, tokenize } from './tokens.ts';

/** Why a text is no filter. */
export interface FilterError {
  /** For people, with the column. */
  readonly message: string;
  /** Characters of the text; the same where something is missing. */
  readonly from: number;
  readonly to: number;
  /** What could stand there, in words. */
  readonly expected: readonly string[];
  readonly didYouMean?: string;
}

/** An attribute that a filter names, and where. */
export interface NamedAttribute {
  readonly level?: AttributeLevel;
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

export type ParsedFilter =
  | { readonly ok: true; readonly filter: Filter; readonly attributes: readonly NamedAttribute[] }
  | { readonly ok: false; readonly error: FilterError };

export type ParsedFields =
  | { readonly ok: true; readonly fields: readonly Field[] }
  | { readonly ok: false; readonly error: FilterError };

/** An empty text holds for every span. Never throws, whatever the text is. */
export function parseFilter(text: string): ParsedFilter {
  return guarded(text, (parser) => ({ ok: true, filter: parser.filter(), attributes: parser.attributes }));
}

/** Names of fields alone, with commas between: what answers are grouped by. None in an empty text. */
export function parseFields(text: string): ParsedFields {
  return guarded(text, (parser) => ({ ok: true, fields: parser.fields() }));
}

function guarded<Parsed>(
  text: string,
  parse: (parser: Parser) => Parsed,
): Parsed | { ok: false; error: FilterError } {
  try {
    if (text.length > filterBounds.characters) {
      throw new Refusal(
        `a filter has at most ${filterBounds.characters} characters`,
        filterBounds.characters,
        text.length,
      );
    }
    return parse(new Parser(tokenize(text)));
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.error };
    throw error;
  }
}

/** Ends the parse from wherever it is. */
class Refusal extends Error {
  readonly error: FilterError;

  constructor(message: string, from: number, to: number, expected: readonly string[] = [], meant?: string) {
    super(message);
    this.error = { message, from, to, expected, ...(meant === undefined ? {} : { didYouMean: meant }) };
  }
}

const comparisons: ReadonlySet<string> = new Set<ComparisonOperator>(['=', '!=', '<', '<=', '>', '>=']);
const orders: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);
const structures: ReadonlySet<string> = new Set<Structure['operator']>(['>>', '>', '~']);
const operators = ['=', '!=', '<', '<=', '>', '>=', '=~', '!~', 'in', 'exists'] as const;

/** Words that are no keys unless they stand in quotes. */
export const keywords: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'exists', 'true', 'false']);

const percentileName = /^p(\d{1,2}(?:\.\d{1,3})?)$/;

/** By recursive descent: hand-written, so that each message can say what stood there and what was wanted. */
class Parser {
  readonly attributes: NamedAttribute[] = [];
  readonly #tokens: readonly Token[];
  #next = 0;
  #terms = 0;
  #depth = 0;
  #structures = 0;
  #percentiles = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  filter(): Filter {
    if (this.#atEnd()) return { type: 'all', parts: [] };
    const filter = this.#any();
    if (!this.#atEnd()) throw this.#expected(['`and`', '`or`', 'the end']);
    return filter;
  }

  fields(): readonly Field[] {
    if (this.#atEnd()) return [];
    const fields = [this.#field()];
    while (this.#takeOperator(',')) fields.push(this.#field());
    if (!this.#atEnd()) throw this.#expected(['`,`', 'the end']);
    return fields;
  }

  get #token(): Token {
    return this.#tokens[this.#next]!; // `end` is never passed
  }

  #atEnd(): boolean {
    return this.#token.type === 'end';
  }

  #any(): Filter {
    const parts = [this.#all()];
    while (this.#takeKeyword('or')) parts.push(this.#all());
    return parts.length === 1 ? parts[0]! : { type: 'any', parts };
  }

  #all(): Filter {
    const parts = [this.#unary()];
    while (this.#takeKeyword('and')) parts.push(this.#unary());
    return parts.length === 1 ? parts[0]! : { type: 'all', parts };
  }

  #unary(): Filter {
    const { from, to } = this.#token;
    if (this.#takeKeyword('not')) {
      return this.#deeper(from, to, () => ({ type: 'not', part: this.#unary() }));
    }
    if (this.#takeOperator('(')) {
      return this.#deeper(from, to, () => this.#closed('(', ')', from));
    }
    return this.#isOperator('{') ? this.#structure() : this.#condition();
  }

  #deeper<Parsed>(from: number, to: number, parse: () => Parsed): Parsed {
    this.#depth += 1;
    if (this.#depth > filterBounds.depth) {
      throw new Refusal(`more than ${filterBounds.depth} levels at column ${from + 1}`, from, to);
    }
    const parsed = parse();
    this.#depth -= 1;
    return parsed;
  }

  #closed(open: string, close: string, at: number): Filter {
    const filter = this.#any();
    if (this.#takeOperator(close)) return filter;
    throw this.#expected([`\`${close}\``, '`and`', '`or`'], ` to close the \`${open}\` of column ${at + 1}`);
  }

  #structure(): Filter {
    let filter = this.#braces();
    for (;;) {
      const { text, from, to } = this.#token;
      if (this.#token.type !== 'operator' || !structures.has(text)) return filter;
      this.#next += 1;
      this.#structures += 1;
      if (this.#structures > filterBounds.structures) {
        throw new Refusal(
          `more than ${filterBounds.structures} of >>, > and ~ at column ${from + 1}`,
          from,
          to,
        );
      }
      const left = filter;
      if (!this.#isOperator('{')) throw this.#expected(['`{`']);
      filter = { type: 'structure', operator: text as Structure['operator'], left, right: this.#braces() };
    }
  }

  #braces(): Filter {
    const { from, to } = this.#token;
    this.#next += 1;
    if (this.#takeOperator('}')) return { type: 'all', parts: [] };
    return this.#deeper(from, to, () => this.#closed('{', '}', from));
  }

  #condition(): Filter {
    const field = this.#field();
    const operator = this.#token;
    this.#term(operator);
    if (this.#takeKeyword('exists')) return { type: 'exists', field };
    if (this.#takeKeyword('in')) return { type: 'membership', field, values: this.#values(field) };
    if (operator.type !== 'operator') throw this.#expected(['an operator'], `: ${operators.join(', ')}`);
    if (operator.text === '=~' || operator.text === '!~') {
      this.#next += 1;
      this.#mustMatchText(field, operator);
      return { type: 'match', field, operator: operator.text, pattern: this.#pattern() };
    }
    if (!comparisons.has(operator.text)) {
      throw this.#expected(['an operator'], `: ${operators.join(', ')}`);
    }
    this.#next += 1;
    const comparison = operator.text as ComparisonOperator;
    if (this.#isPercentile()) return this.#history(field, operator);
    const value = this.#value(field);
    const hasOrder = value.type === 'number' || value.type === 'duration';
    if (orders.has(comparison) && !hasOrder) {
      throw new Refusal(
        `${comparison} at column ${operator.from + 1} compares numbers and durations only`,
        operator.from,
        operator.to,
        ['=', '!='],
      );
    }
    return { type: 'comparison', field, operator: comparison, value };
  }

  #term({ from, to }: Token): void {
    this.#terms += 1;
    if (this.#terms <= filterBounds.terms) return;
    throw new Refusal(
      `more than ${filterBounds.terms} conditions and values at column ${from + 1}`,
      from,
      to,
    );
  }

  #field(): Field {
    const token = this.#token;
    if (token.type === 'string') {
      this.#next += 1;
      return this.#attribute(token, token.text, undefined);
    }
    if (token.type !== 'word' || keywords.has(token.text.toLowerCase())) {
      throw this.#expected(['a field']);
    }
    this.#next += 1;
    const level = attributeLevels.find((name) => token.text.startsWith(`${name}.`));
    if (level !== undefined) return this.#leveled(token, level);
    const intrinsic = findIntrinsic(token.text);
    if (intrinsic !== undefined) return { type: 'intrinsic', name: intrinsic };
    const meant = token.text.includes('.') ? undefined : didYouMean(token.text, intrinsicNames);
    if (meant === undefined) return this.#attribute(token, token.text, undefined);
    throw new Refusal(
      `no field ${token.text} at column ${token.from + 1}; did you mean ${meant}? An attribute of that name stands in quotes: "${token.text}"`,
      token.from,
      token.to,
      ['a field'],
      meant,
    );
  }

  #leveled(token: Token, level: AttributeLevel): Field {
    const key = token.text.slice(level.length + 1);
    if (key !== '') return this.#attribute(token, key, level);
    const quoted = this.#token;
    if (quoted.type !== 'string' || quoted.from !== token.to) throw this.#expected([`a key of the ${level}`]);
    this.#next += 1;
    return this.#attribute({ ...token, to: quoted.to }, quoted.text, level);
  }

  #attribute({ from, to }: Token, key: string, level: AttributeLevel | undefined): Field {
    if (key === '') throw new Refusal(`an empty key at column ${from + 1}`, from, to, ['a field']);
    const leveled = level === undefined ? { key } : { level, key };
    this.attributes.push({ ...leveled, from, to });
    return { type: 'attribute', ...leveled };
  }

  #values(field: Field): readonly Value[] {
    if (!this.#takeOperator('(')) throw this.#expected(['`(`']);
    const values = [this.#value(field)];
    while (this.#takeOperator(',')) {
      this.#term(this.#token);
      values.push(this.#value(field));
    }
    if (!this.#takeOperator(')')) throw this.#expected(['`,`', '`)`']);
    return values;
  }

  #value(field: Field): Value {
    if (field.type === 'attribute') {
      const value = this.#text() ?? this.#number() ?? this.#boolean();
      if (value !== undefined) return value;
      const hint =
        this.#token.type === 'duration' ? ' without a unit: attributes have none' : this.#quotesHint();
      throw this.#expected(['a value'], hint);
    }
    const kind = intrinsicKind(field.name);
    switch (kind.type) {
      case 'text': {
        const value = this.#text();
        if (value !== undefined) return value;
        throw this.#expected(['a value'], this.#quotesHint());
      }
      case 'duration': {
        const value = this.#duration();
        if (value !== undefined) return value;
        throw this.#expected(['a duration'], ' such as 2s or 1.5ms');
      }
      case 'number': {
        const value = this.#number();
        if (value !== undefined) return value;
        throw this.#expected(['a number']);
      }
      case 'boolean': {
        const value = this.#boolean();
        if (value !== undefined) return value;
        throw this.#expected(['`true`', '`false`']);
      }
      case 'choice':
        return this.#choice(kind.words!); // every choice has words
    }
  }

  #quotesHint(): string {
    return this.#token.type === 'word' ? ` in quotes: "${this.#token.text}"` : '';
  }

  #text(): Value | undefined {
    const { type, text } = this.#token;
    if (type !== 'string') return undefined;
    this.#next += 1;
    return { type: 'string', value: text };
  }

  #number(): Value | undefined {
    const { type, text, from, to } = this.#token;
    if (type !== 'number') return undefined;
    const whole = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
    const value = whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : Number(text);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new Refusal(`the number at column ${from + 1} is too large`, from, to, ['a number']);
    }
    this.#next += 1;
    return { type: 'number', value };
  }

  #boolean(): Value | undefined {
    if (this.#takeKeyword('true')) return { type: 'boolean', value: true };
    return this.#takeKeyword('false') ? { type: 'boolean', value: false } : undefined;
  }

  #duration(): Value | undefined {
    const { type, text, from, to } = this.#token;
    if (type !== 'duration') return undefined;
    const nanos = parseDuration(text);
    if (nanos === undefined) {
      throw new Refusal(`the duration at column ${from + 1} is too long`, from, to, ['a duration']);
    }
    this.#next += 1;
    return { type: 'duration', nanos };
  }

  #choice(words: readonly string[]): Value {
    const { type, text, from, to } = this.#token;
    if ((type !== 'word' && type !== 'string') || !words.includes(text)) {
      const meant = type === 'word' || type === 'string' ? didYouMean(text, words) : undefined;
      const message = `expected ${words.join(', ')} at column ${from + 1}${foundText(this.#token)}`;
      throw new Refusal(
        meant === undefined ? message : `${message}; did you mean ${meant}?`,
        from,
        to,
        words,
        meant,
      );
    }
    this.#next += 1;
    return { type: 'string', value: text };
  }

  #mustMatchText(field: Field, { text, from, to }: Token): void {
    if (field.type === 'attribute' || intrinsicKind(field.name).type === 'text') return;
    throw new Refusal(`${text} at column ${from + 1} is for texts; ${field.name} is none`, from, to, [
      '=',
      '!=',
    ]);
  }

  #pattern(): string {
    const token = this.#token;
    if (token.type !== 'string') throw this.#expected(['a pattern'], ' in quotes');
    const error = checkPattern(token.text);
    if (error !== undefined) {
      throw new Refusal(
        `the pattern at column ${token.from + 1} is none: ${error.message}, after ${error.at} of its characters`,
        token.from,
        token.to,
        ['a pattern'],
      );
    }
    this.#next += 1;
    return token.text;
  }

  /** `p99` and a parenthesis: no value begins with a word and goes on with one. */
  #isPercentile(): boolean {
    const { type, text } = this.#token;
    const after = this.#tokens[this.#next + 1];
    return type === 'word' && percentileName.test(text) && after?.type === 'operator' && after.text === '(';
  }

  #history(field: Field, operator: Token): Filter {
    const name = this.#token;
    const percent = Number(percentileName.exec(name.text)![1]); // `#isPercentile` has matched
    if (field.type !== 'intrinsic' || field.name !== 'duration' || !orders.has(operator.text)) {
      throw new Refusal(
        `${name.text}(…) at column ${name.from + 1} stands only in duration >, >=, < or <= ${name.text}(…)`,
        name.from,
        name.to,
      );
    }
    if (percent === 0) {
      throw new Refusal(`expected p1 to p99.999 at column ${name.from + 1}`, name.from, name.to, [
        'a percentile',
      ]);
    }
    this.#percentiles += 1;
    if (this.#percentiles > filterBounds.percentiles) {
      throw new Refusal(
        `more than ${filterBounds.percentiles} percentiles at column ${name.from + 1}`,
        name.from,
        name.to,
      );
    }
    this.#next += 2;
    const lookback = this.#token;
    const value = this.#duration();
    const most = filterBounds.lookbackDays * 86_400e9;
    if (value?.type !== 'duration') throw this.#expected(['how far to look back'], ' such as 7d or 12h');
    if (value.nanos <= 0 || value.nanos > most) {
      throw new Refusal(
        `expected at most ${filterBounds.lookbackDays}d at column ${lookback.from + 1}`,
        lookback.from,
        lookback.to,
        ['how far to look back'],
      );
    }
    if (!this.#takeOperator(')')) throw this.#expected(['`)`']);
    return {
      type: 'history',
      operator: operator.text as '<' | '<=' | '>' | '>=',
      percentile: { percent, lookbackNanos: value.nanos },
    };
  }

  #takeKeyword(keyword: string): boolean {
    const { type, text } = this.#token;
    const isTaken = type === 'word' && text.toLowerCase() === keyword;
    if (isTaken) this.#next += 1;
    return isTaken;
  }

  #isOperator(operator: string): boolean {
    return this.#token.type === 'operator' && this.#token.text === operator;
  }

  #takeOperator(operator: string): boolean {
    const isTaken = this.#isOperator(operator);
    if (isTaken) this.#next += 1;
    return isTaken;
  }

  #expected(expected: readonly string[], more = ''): Refusal {
    const token = this.#token;
    const { from, to } = token;
    if (token.type === 'open') {
      return new Refusal(`the quote of column ${from + 1} is not closed`, from, to, ['a closing quote']);
    }
    const wanted =
      expected.length === 1 ? expected[0]! : `${expected.slice(0, -1).join(', ')} or ${expected.at(-1)}`;
    return new Refusal(
      `expected ${wanted} at column ${from + 1}${more}${foundText(token)}`,
      from,
      to,
      expected,
    );
  }
}

function foundText({ type, text }: Token): string {
  return type === 'end'
    ? '; the filter ends there'
    : `; found ${type === 'string' ? JSON.stringify(text) : text}`;
}
