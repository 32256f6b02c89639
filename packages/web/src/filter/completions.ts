import {
  type AttributeLevel,
  attributeLevels,
  type Field,
  formatField,
  formatText,
  intrinsicKind,
  intrinsics,
  parseFilter,
  type Token,
  tokenize,
} from '@spanwise/filter';
import { fieldOf } from './conditions.ts';

/** What may stand where the caret is. `typed` is what stands there already, between `from` and `to`. */
export interface Wanted {
  readonly what: 'field' | 'operator' | 'value' | 'word';
  readonly from: number;
  readonly to: number;
  readonly typed: string;
  /** Of whom an operator or value is wanted. */
  readonly field?: Field;
  /** The only ones that can stand there, where they are few. */
  readonly words?: readonly string[];
}

export interface Completion {
  readonly label: string;
  readonly detail: string;
  /** The whole text with it. */
  readonly text: string;
  readonly caret: number;
}

/** What is known of what was sent. */
export interface KnownNames {
  readonly attributes: readonly { readonly key: string; readonly level: AttributeLevel | 'log' }[];
  /** Of the field that is wanted, most frequent first. */
  readonly values: readonly { readonly value: string; readonly count: number }[];
}

const mostCompletions = 40;

/** Absence: undefined where nothing can be said, such as behind a mistake, or inside a number. */
export function wantedAt(text: string, caret: number): Wanted | undefined {
  const tokens = tokenize(text);
  const touched = tokens.find((token) => isTouched(token, caret));
  // Right behind a piece that is whole nothing goes on without a blank.
  if (touched === undefined && /[^\s({,=<>~]$/.test(text.slice(0, caret))) return undefined;
  const from = touched?.from ?? caret;
  const place = { from, to: touched?.to ?? caret, typed: touched?.text ?? '' };
  const before = text.slice(0, from);
  const parsed = parseFilter(before);
  if (parsed.ok) {
    return before.trim() === ''
      ? { ...place, what: 'field' }
      : { ...place, what: 'word', words: joints(before) };
  }
  const { error } = parsed;
  if (error.from < before.trimEnd().length) return undefined;
  const expected = error.expected.map((word) => word.replaceAll('`', ''));
  if (expected.includes('a field')) return { ...place, what: 'field' };
  const field = fieldBefore(before);
  if (expected.includes('an operator')) return { ...place, what: 'operator', ...field };
  if (expected.some((word) => /^an? (value|duration|number|pattern)$/.test(word))) {
    return { ...place, what: 'value', ...field };
  }
  const words = expected.filter((word) => !word.startsWith('a ') && word !== 'the end');
  return words.length === 0 ? undefined : { ...place, what: 'word', words, ...field };
}

/** A word up to the caret, or a text without its end: what is being typed. Finished texts are let be. */
function isTouched({ type, from, to }: Token, caret: number): boolean {
  if (caret <= from || caret > to) return false;
  return type === 'word' || type === 'open' || type === 'bad' || (type === 'string' && caret < to);
}

function joints(before: string): readonly string[] {
  return before.trimEnd().endsWith('}') ? ['and', 'or', '>>', '>', '~'] : ['and', 'or'];
}

/** The field of the condition that a text ends in. */
function fieldBefore(before: string): { readonly field?: Field } {
  const tokens = tokenize(before).filter(({ type }) => type !== 'end');
  const isName = ({ type, text }: Token) =>
    type === 'word' && text !== 'in' && text !== 'true' && text !== 'false';
  let at = tokens.length - 1;
  // Back over `in ("a", "b",` to the operator, and to what stands before it.
  while (at > 0 && !isName(tokens[at]!) && !isQuotedKey(tokens, at)) at -= 1;
  const token = tokens[at];
  if (token === undefined) return {};
  const start =
    token.type === 'string' && tokens[at - 1]?.to === token.from ? tokens[at - 1]!.from : token.from;
  return { field: fieldOf(before.slice(start, token.to)) };
}

/** A text is a key where an operator or the end follows, and no operator stands before. */
function isQuotedKey(tokens: readonly Token[], at: number): boolean {
  const [token, previous] = [tokens[at], tokens[at - 1]];
  if (token?.type !== 'string') return false;
  if (previous === undefined || previous.text === '{') return true;
  return (
    previous.type === 'word' && (previous.text.endsWith('.') || ['and', 'or', 'not'].includes(previous.text))
  );
}

const operatorsOf = {
  text: ['=', '!=', '=~', '!~', 'in', 'exists'],
  attribute: ['=', '!=', '>', '>=', '<', '<=', '=~', '!~', 'in', 'exists'],
  duration: ['>', '>=', '<', '<='],
  number: ['>', '>=', '<', '<=', '=', '!='],
  choice: ['=', '!=', 'in'],
  boolean: ['='],
} as const;

const operatorMeanings: Readonly<Record<string, string>> = {
  '=': 'is',
  '!=': 'is another one',
  '>': 'more than',
  '>=': 'at least',
  '<': 'less than',
  '<=': 'at most',
  '=~': 'matches, as a whole',
  '!~': 'does not match',
  in: 'is one of',
  exists: 'is there',
  and: 'both hold',
  or: 'one holds',
  '>>': 'somewhere above',
  '~': 'beside',
};

const durations = [
  ['p95(7d)', 'slower than 95 % of 7 days of its operation'],
  ['p99(7d)', 'slower than 99 %'],
  ['100ms', ''],
  ['1s', ''],
  ['5s', ''],
] as const;

/** The best first; none where what is typed stands already. */
export function completionsOf(text: string, wanted: Wanted, known: KnownNames): readonly Completion[] {
  const offers = offersFor(wanted, known);
  const typed = wanted.typed.toLowerCase();
  const matching = offers
    .map((offer) => ({ offer, at: offer.label.toLowerCase().indexOf(typed) }))
    .filter(({ at }) => at !== -1)
    // What begins so comes before what has it inside; the order is kept otherwise.
    .sort((a, b) => Math.min(a.at, 1) - Math.min(b.at, 1))
    .map(({ offer }) => offer);
  if (matching.length === 1 && matching[0]!.label === wanted.typed) return [];
  return matching.slice(0, mostCompletions).map(({ label, detail, insert }) => {
    const after = text.slice(wanted.to);
    const space = after.startsWith(' ') || insert.endsWith('(') ? '' : ' ';
    const head = `${text.slice(0, wanted.from)}${insert}${space}`;
    return {
      label,
      detail,
      text: `${head}${after}`,
      caret: head.length + (space === '' && after !== '' ? 1 : 0),
    };
  });
}

interface Offer {
  readonly label: string;
  readonly detail: string;
  readonly insert: string;
}

function offersFor(wanted: Wanted, known: KnownNames): readonly Offer[] {
  switch (wanted.what) {
    case 'field':
      return [...fieldOffers(wanted.typed, known), word('not', 'the condition does not hold')];
    case 'operator':
      return operatorsOf[kindOf(wanted.field)].map((name) =>
        word(name, operatorMeanings[name] ?? '', name === 'in' ? 'in (' : name),
      );
    case 'word':
      return (wanted.words ?? []).map((name) => word(name, operatorMeanings[name] ?? ''));
    case 'value':
      return valueOffers(wanted, known);
  }
}

function word(label: string, detail: string, insert = label): Offer {
  return { label, detail, insert };
}

function fieldOffers(typed: string, known: KnownNames): readonly Offer[] {
  const level = attributeLevels.find((name) => typed.startsWith(`${name}.`));
  const own = Object.entries(intrinsics).map(([name, { meaning }]) =>
    word(name, meaning.replaceAll('`', '')),
  );
  const keys = new Map<string, Offer>();
  for (const attribute of known.attributes) {
    // Filters speak of spans.
    if (attribute.level === 'log' || (level !== undefined && attribute.level !== level)) continue;
    const name = formatField({
      type: 'attribute',
      key: attribute.key,
      ...(level === undefined ? {} : { level }),
    });
    const before = keys.get(name);
    const detail = before === undefined ? attribute.level : `${before.detail}, ${attribute.level}`;
    keys.set(name, word(name, detail));
  }
  return [...own, ...keys.values()];
}

function valueOffers({ field, typed }: Wanted, known: KnownNames): readonly Offer[] {
  const kind = kindOf(field);
  if (kind === 'duration') {
    // Only an operation has a history.
    const hasHistory = field?.type === 'intrinsic' && field.name === 'duration';
    return durations
      .filter(([label]) => hasHistory || !label.startsWith('p'))
      .map(([label, detail]) => word(label, detail));
  }
  if (kind === 'number') return [];
  const isQuoted = kind === 'text' || kind === 'attribute';
  return known.values
    .filter(({ value }) => value !== '' && value !== typed)
    .map(({ value, count }) =>
      word(value, count < 0 ? '' : String(count), isQuoted ? formatText(value) : value),
    );
}

/** Attributes have any type. */
function kindOf(field: Field | undefined): keyof typeof operatorsOf {
  return field === undefined || field.type === 'attribute' ? 'attribute' : intrinsicKind(field.name).type;
}

/** Whether values of the field are worth being looked up. */
export function hasListedValues(field: Field): boolean {
  if (field.type === 'attribute') return true;
  const { type, of } = intrinsicKind(field.name);
  return of === 'span' && type === 'text';
}
