import type { buildOpenApiDocument } from './build-openapi-document.ts';

/** A call as it was made, and what came. */
export interface Example {
  readonly command: string;
  readonly answer: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: { readonly enum?: readonly string[]; readonly default?: unknown };
}

interface Described {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly Parameter[];
}

const head = `# /api/v1

Our own API, on the query port. [openapi.json](openapi.json) is its whole description, which a running server also answers at \`/api/v1/openapi.json\`; [errors.md](errors.md) lists its errors and [filter-language.md](filter-language.md) the language of \`filter\`. This page is made of both, with answers of a real run, shortened at \`…\` (\`npm run api-guide\`); a test runs each command.

Times are decimal strings of Unix nanoseconds, durations are numbers of nanoseconds, and -1 is "unknown" in counts. A parameter that does not exist is an error.
`;

/** docs/api.md. Examples by \`operationId\`. */
export function renderApiGuide(
  { paths }: ReturnType<typeof buildOpenApiDocument>,
  examples: ReadonlyMap<string, Example>,
): string {
  const sections = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const described = operation as Described;
      const [tag = ''] = described.tags;
      const section = sections.get(tag) ?? [];
      sections.set(tag, section);
      section.push(renderCall(`${method.toUpperCase()} ${path}`, described, examples));
    }
  }
  return [
    head,
    ...Array.from(
      sections,
      ([tag, calls]) => `## ${tag[0]?.toUpperCase()}${tag.slice(1)}\n\n${calls.join('\n')}`,
    ),
  ].join('\n');
}

function renderCall(
  title: string,
  { operationId, summary, description, parameters }: Described,
  examples: ReadonlyMap<string, Example>,
): string {
  const example = examples.get(operationId);
  return [
    `### ${title}`,
    '',
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
    '',
    ...(parameters.length === 0 ? [] : [...parameters.map(renderParameter), '']),
    ...(example === undefined
      ? []
      : ['```sh', example.command, '```', '', '```text', example.answer, '```', '']),
  ].join('\n');
}

function renderParameter({ name, required, description, schema }: Parameter): string {
  const notes = [
    ...(description === undefined ? [] : [description]),
    ...(schema.enum === undefined ? [] : [`One of ${schema.enum.map((one) => `\`${one}\``).join(', ')}.`]),
    ...(schema.default === undefined || schema.default === '' ? [] : [`Default \`${schema.default}\`.`]),
    ...(required ? ['Required.'] : []),
  ];
  return `- \`${name}\`${notes.length === 0 ? '' : `: ${notes.join(' ')}`}`;
}

/** What `renderApiGuide` was given, in the order of its calls. */
export function readExamples(guide: string): readonly Example[] {
  const pattern = /```sh\n([\s\S]*?)\n```\n\n```text\n([\s\S]*?)\n```/g;
  return Array.from(guide.matchAll(pattern), ([, command = '', answer = '']) => ({ command, answer }));
}

const linesMax = 30;

/** Of JSON: two elements of each list, and the first lines. */
export function shorten(answer: string): string {
  let text = answer.replaceAll('\r\n', '\n').trimEnd();
  try {
    const cut = (_: string, value: unknown) =>
      Array.isArray(value) && value.length > 2 ? [...value.slice(0, 2), '…'] : value;
    text = JSON.stringify(JSON.parse(text), cut, 2).replaceAll('"…"', '…');
    // Lists of plain values stand in one line.
    text = text.replace(
      /\[\s+([^[\]{}]*?)\s+\]/g,
      (_, inner: string) => `[${inner.replace(/\s*\n\s*/g, ' ')}]`,
    );
  } catch {
    // A table, or a stream: as it is.
  }
  const lines = text.split('\n').map((line) => (line.length > 160 ? `${line.slice(0, 160)}…` : line));
  return (lines.length > linesMax ? [...lines.slice(0, linesMax), '…'] : lines).join('\n');
}
