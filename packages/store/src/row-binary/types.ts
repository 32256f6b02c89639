/** A ClickHouse type as `RowBinaryWithNamesAndTypes` names it, parsed. */
export type ColumnType =
  | { readonly kind: 'string' }
  | { readonly kind: 'fixedString'; readonly length: number }
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: 32 | 64 }
  | { readonly kind: 'bool' }
  | { readonly kind: 'date' }
  | { readonly kind: 'dateTime' }
  | { readonly kind: 'dateTime64'; readonly precision: number }
  | { readonly kind: 'enum'; readonly bits: 8 | 16; readonly names: ReadonlyMap<number, string> }
  | { readonly kind: 'nullable'; readonly of: ColumnType }
  | { readonly kind: 'array'; readonly of: ColumnType }
  | { readonly kind: 'tuple'; readonly of: readonly ColumnType[] }
  | { readonly kind: 'map'; readonly key: ColumnType; readonly value: ColumnType };

/** @throws TypeError for a type that no statement of ours gives. */
export function parseColumnType(text: string): ColumnType {
  const { name, parts } = splitType(text.trim());
  const first = () => parseColumnType(parts[0]!);
  switch (name) {
    case 'String':
      return { kind: 'string' };
    case 'FixedString':
      return { kind: 'fixedString', length: Number(parts[0]) };
    case 'Bool':
      return { kind: 'bool' };
    case 'Date':
      return { kind: 'date' };
    case 'DateTime':
      return { kind: 'dateTime' };
    case 'DateTime64':
      return { kind: 'dateTime64', precision: Number(parts[0]) };
    case 'Float32':
      return { kind: 'float', bits: 32 };
    case 'Float64':
      return { kind: 'float', bits: 64 };
    case 'Enum8':
      return { kind: 'enum', bits: 8, names: enumNames(parts) };
    case 'Enum16':
      return { kind: 'enum', bits: 16, names: enumNames(parts) };
    // A row holds the plain value: the dictionary is a matter of columns.
    case 'LowCardinality':
      return first();
    case 'Nullable':
      return { kind: 'nullable', of: first() };
    case 'Array':
      return { kind: 'array', of: first() };
    case 'Tuple':
      return { kind: 'tuple', of: parts.map((part) => parseColumnType(withoutFieldName(part))) };
    case 'Map':
      return { kind: 'map', key: first(), value: parseColumnType(parts[1]!) };
    default: {
      const integer = /^(U?)Int(8|16|32|64)$/.exec(name);
      if (integer === null) throw new TypeError(`no reader for the column type ${text}`);
      return { kind: 'integer', bits: Number(integer[2]) as 8 | 16 | 32 | 64, signed: integer[1] === '' };
    }
  }
}

/** Of a structure as `file(…)` takes it: `a UInt8, b Map(String, String)`. */
export function columnNames(structure: string): readonly string[] {
  return splitType(`(${structure})`).parts.map((column) => column.slice(0, column.indexOf(' ')));
}

/** In the order of a row. */
export function columnTypes(structure: string): readonly ColumnType[] {
  return splitType(`(${structure})`).parts.map((column) =>
    parseColumnType(column.slice(column.indexOf(' ') + 1)),
  );
}

/** `Map(String, Array(UInt8))` into `Map` and its parts: commas in parentheses and quotes don't split. */
function splitType(text: string): { readonly name: string; readonly parts: readonly string[] } {
  const open = text.indexOf('(');
  if (open === -1) return { name: text, parts: [] };
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = open + 1;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (quoted) {
      if (character === '\\') index += 1;
      else if (character === "'") quoted = false;
    } else if (character === "'") quoted = true;
    else if (character === '(') depth += 1;
    else if (character === ')' && depth > 0) depth -= 1;
    else if ((character === ',' || character === ')') && depth === 0) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return { name: text.slice(0, open), parts };
}

/** `name String` into `String`; unnamed elements stay as they are. */
function withoutFieldName(part: string): string {
  const named = /^(?:[A-Za-z_]\w*|`[^`]+`) +(.+)$/s.exec(part);
  return named?.[1] ?? part;
}

/** From `'ok' = 1`. */
function enumNames(parts: readonly string[]): ReadonlyMap<number, string> {
  return new Map(
    parts.map((part) => {
      const equals = part.lastIndexOf('=');
      const name = part.slice(0, equals).trim().slice(1, -1).replace(/\\(.)/gs, '$1');
      return [Number(part.slice(equals + 1)), name] as const;
    }),
  );
}
