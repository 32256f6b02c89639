/** Where double quotes are string literals, or may be. Elsewhere they quote names. */
const quotesNames = new Set([
  'cockroachdb',
  'db2',
  'h2database',
  'hsqldb',
  'oracle',
  'oracle.db',
  'postgresql',
  'redshift',
  'snowflake',
  'sqlite',
  'trino',
]);
/** Their command lines have values without quotes. */
const keyValueStores = new Set(['memcached', 'redis', 'valkey']);

/** Of a longer text only the first word stays: nobody reads it, and the walk costs time. */
const maxTextLength = 65_536;

const wordCharacter = /[\p{L}\p{N}_$@#]/u;
const number = /(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y;
const dollarQuote = /\$(?:[A-Za-z_]\w*)?\$/y;
const word = /[\p{L}_@#$][\p{L}\p{N}_$@#]*/uy;

/**
 * A query text without its literals and comments: `?` stands for each literal. Placeholders stay. A literal that
 * does not end takes the rest with it, and what is no SQL at all (JSON, say) loses its strings and numbers too.
 * Whether a backslash escapes a quote depends on the database and its settings: where one stands before a quote,
 * nobody can tell where the literal ends, and only the first word stays.
 * `system`: value of `db.system.name`, or empty.
 */
export function maskQueryText(text: string, system: string): string {
  const database = system.toLowerCase();
  if (keyValueStores.has(database) || text.length > maxTextLength || /\\['"]/.test(text)) {
    const command = /^\s*[A-Za-z]+\b/.exec(text)?.[0].trim() ?? '';
    return text.trim() === command ? command : `${command} ?`.trim();
  }
  const namesInQuotes = quotesNames.has(database);
  let masked = '';
  let position = 0;
  while (position < text.length) {
    const character = text[position]!;
    const next = text[position + 1];
    if (character === "'" || (character === '"' && !namesInQuotes)) {
      position = endOfQuoted(text, position);
      masked += '?';
    } else if (character === '"' || character === '`') {
      const end = endOfQuoted(text, position);
      masked += text.slice(position, end);
      position = end;
    } else if (character === '-' && next === '-') {
      position = endOfLine(text, position);
    } else if (character === '#' && !namesInQuotes) {
      position = endOfLine(text, position);
    } else if (character === '/' && next === '*') {
      const end = text.indexOf('*/', position + 2);
      position = end < 0 ? text.length : end + 2;
    } else if (character === '$') {
      const tag = matchAt(dollarQuote, text, position);
      if (tag !== undefined) {
        const end = text.indexOf(tag, position + tag.length);
        position = end < 0 ? text.length : end + tag.length;
        masked += '?';
      } else {
        const placeholder = /^\$\w*/.exec(text.slice(position, position + 64))?.[0] ?? character;
        masked += placeholder;
        position += placeholder.length;
      }
    } else if (isDigit(character) || (character === '.' && next !== undefined && isDigit(next))) {
      position += matchAt(number, text, position)?.length ?? 1;
      // What hangs on to the digits belongs to the literal: 1f, 2024-01-01T00:00:00Z unquoted.
      while (position < text.length && wordCharacter.test(text[position]!)) position += 1;
      masked += '?';
    } else {
      const name = matchAt(word, text, position);
      if (name === undefined) {
        masked += character;
        position += 1;
        continue;
      }
      // x'ff', N'text', E'text', _utf8'text': the prefix belongs to the literal, and masking goes on after it.
      masked += name;
      position += name.length;
    }
  }
  return masked;
}

/** The position behind the quoted part that starts here; a doubled quote does not end it. */
function endOfQuoted(text: string, start: number): number {
  const quote = text[start]!;
  let position = start + 1;
  while (position < text.length) {
    if (text[position] !== quote) position += 1;
    else if (text[position + 1] === quote) position += 2;
    else return position + 1;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}
