/** One line of a drawing, as read; the words are explained at `drawTrace`. */
export interface DrawnLine {
  readonly indent: number;
  readonly service: string;
  readonly name: string;
  readonly barColumn: number;
  readonly barColumns: number;
  readonly isError: boolean;
  readonly isOk: boolean;
  readonly links: readonly string[];
  readonly kind?: string;
  readonly operation?: string;
  readonly model?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly inputTokens?: bigint;
  readonly outputTokens?: bigint;
  readonly cost?: number;
  readonly firstChunkSeconds?: number;
  readonly spanName?: string;
  readonly parent?: string;
}

const quoted = '"(?:[^"\\\\]|\\\\.)*"';
const linePattern = new RegExp(
  `^(?<indent> *)(?<service>${quoted}|[^\\s|]+) +(?<name>${quoted}|[^|"]*?) *(?<bar>\\|(?:=*\\|)?)(?<words>.*)$`,
);
const wordPattern = new RegExp(`^\\s+(?<key>[a-z]+=|@)?(?<value>${quoted}|[^\\s"]+)`);

export function parseLine(text: string): DrawnLine {
  const groups = linePattern.exec(text)?.groups;
  if (groups === undefined) throw new SyntaxError(`not a line of a drawing: ${text}`);
  const { indent = '', service = '', name = '', bar = '', words = '' } = groups;
  return {
    indent: indent.length,
    service: unquote(service),
    name: unquote(name),
    barColumn: text.length - words.length - bar.length,
    barColumns: bar.length - 1,
    ...parseWords(words.trimEnd(), text),
  };
}

type Words = Omit<DrawnLine, 'indent' | 'service' | 'name' | 'barColumn' | 'barColumns'>;

function parseWords(text: string, line: string): Words {
  const links: string[] = [];
  let words: Words = { isError: false, isOk: false, links };
  let rest = text;
  while (rest !== '') {
    const match = wordPattern.exec(rest);
    if (match?.groups === undefined) throw new SyntaxError(`cannot read "${rest.trim()}" in: ${line}`);
    const { key = '', value = '' } = match.groups;
    rest = rest.slice(match[0].length);
    if (key === 'link=') links.push(withoutAt(value));
    else words = { ...words, ...parseWord(key, unquote(value), line) };
  }
  return words;
}

function parseWord(key: string, value: string, line: string): Partial<Words> {
  switch (key) {
    case '@':
      return { spanName: value };
    case 'kind=':
      return { kind: value };
    case 'op=':
      return { operation: value };
    case 'model=':
      return { model: value };
    case 'agent=':
      return { agent: value };
    case 'tool=':
      return { tool: value };
    case 'in=':
      return { inputTokens: BigInt(value) };
    case 'out=':
      return { outputTokens: BigInt(value) };
    case 'cost=':
      return { cost: Number(value) };
    case 'first=':
      return { firstChunkSeconds: parseMillis(value, line) / 1_000 };
    case 'parent=':
      return { parent: value === '?' ? value : withoutAt(value) };
  }
  if (key === '' && value === 'error') return { isError: true };
  if (key === '' && value === 'ok') return { isOk: true };
  throw new SyntaxError(`unknown word "${key}${value}" in: ${line}`);
}

function parseMillis(text: string, line: string): number {
  const millis = /^(\d+(?:\.\d+)?)ms$/.exec(text)?.[1];
  if (millis === undefined) throw new SyntaxError(`expected a time such as 200ms, got ${text} in: ${line}`);
  return Number(millis);
}

function withoutAt(text: string): string {
  if (!text.startsWith('@')) throw new SyntaxError(`expected a span name such as @db, got ${text}`);
  return text.slice(1);
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  return String(JSON.parse(text));
}

/** As it must stand in a drawing. */
export function quoteIfOdd(text: string): string {
  const isPlain = /^[^\s|"#=](?: ?[^\s|"])*$/.test(text);
  return isPlain ? text : JSON.stringify(text);
}

/** Services and words end at a blank. */
export function quoteWord(text: string): string {
  return /^[^\s|"#@]+$/.test(text) && !text.includes('"') ? text : JSON.stringify(text);
}
