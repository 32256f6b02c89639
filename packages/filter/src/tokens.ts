/** A piece of filter text, for the parser and for whoever colours it. */
export interface Token {
  readonly type: TokenType;
  /** Characters of the text: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Of strings and quoted keys what they stand for, else the piece itself. */
  readonly text: string;
}

/**
 * `word`: field, keyword or enumeration. `bad`: a character that begins nothing. `open`: a string without its end.
 * `end`: behind the last piece, empty.
 */
export type TokenType = 'word' | 'string' | 'number' | 'duration' | 'operator' | 'bad' | 'open' | 'end';

const blank = /\s+/y;
/** Keys as conventions write them: `gen_ai.request.model`, `http.request.header.x-id`, `url/path`. */
const word = /[\p{L}_@$][\p{L}\p{N}_.$@/-]*/uy;
const duration = /(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h|d|w))+(?![\p{L}\p{N}_.])/uy;
const number = /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\p{L}\p{N}_.])/uy;
const operator = />>|=~|!~|!=|<=|>=|[=<>~(){},]/y;
/** Something that begins as a number and goes on as none: one piece, so that the message names it whole. */
const malformed = /-?[\p{N}][\p{L}\p{N}_.]*/uy;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Every piece of the text, whatever it holds; ends with one of type `end`. Blanks are left out. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const skipped = take(blank);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    const token = tokenAt(text, at, take);
    tokens.push(token);
    at = token.to;
  }
  tokens.push({ type: 'end', from: text.length, to: text.length, text: '' });
  return tokens;
}

const plain: readonly (readonly [TokenType, RegExp])[] = [
  ['duration', duration],
  ['number', number],
  ['bad', malformed],
  ['word', word],
  ['operator', operator],
];

function tokenAt(text: string, from: number, take: (pattern: RegExp) => string | undefined): Token {
  const first = text[from]!;
  if (first === '"' || first === "'") return stringAt(text, from, first);
  for (const [type, pattern] of plain) {
    const piece = take(pattern);
    if (piece !== undefined) return { type, from, to: from + piece.length, text: piece };
  }
  const character = String.fromCodePoint(text.codePointAt(from)!);
  return { type: 'bad', from, to: from + character.length, text: character };
}

/** `\n`, `\r`, `\t`, `\\` and quotes; before anything else a backslash is one, so that patterns read as elsewhere. */
function stringAt(text: string, from: number, quote: string): Token {
  let value = '';
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === quote) return { type: 'string', from, to: at + 1, text: value };
    if (character !== '\\' || at + 1 === text.length) {
      value += character;
      continue;
    }
    at += 1;
    const escaped = text[at]!;
    if (escaped === '\\' || escaped === '"' || escaped === "'") value += escaped;
    else value += escapes[escaped] ?? `\\${escaped}`;
  }
  return { type: 'open', from, to: text.length, text: value };
}
