import type { AttributeDto, SpanDto } from '@spanwise/api';

export interface AttributeGroup {
  readonly title: string;
  readonly attributes: readonly AttributeDto[];
}

export interface SpanAttributes {
  /** Without empty groups. */
  readonly groups: readonly AttributeGroup[];
  /** Values that the gate kept back or shortened, over the span and its events. */
  readonly droppedCount: number;
  readonly reducedCount: number;
  /** Content that the server was told to keep, and that is shown: as keyed hashes, or as it was sent. */
  readonly hashedCount: number;
  readonly keptCount: number;
}

/** What the gate leaves on an element in the place of content. (packages/server, pipeline/gate.) */
const markerPrefix = 'spanwise.content.';
const droppedKey = 'spanwise.content.dropped';
const reducedKey = 'spanwise.content.reduced';
const hashedKey = 'spanwise.content.hashed';
const keptKey = 'spanwise.content.kept';

const groupPrefixes = [
  [
    'GenAI',
    [
      'gen_ai.',
      'mcp.',
      'llm.',
      'openinference.',
      'ai.',
      'traceloop.',
      'langfuse.',
      'agent.',
      'tool.',
      'tokens.',
      'retrieval.',
      'rag.',
    ],
  ],
  ['HTTP', ['http.', 'url.', 'user_agent.', 'server.', 'client.', 'network.', 'net.']],
  ['Database', ['db.']],
] as const;

/** Groups by what people look for first; the resource and the library come last. */
export function groupAttributes(span: SpanDto): SpanAttributes {
  const shown = span.attributes.filter(isNoMarker);
  const titles = new Map<string, AttributeDto[]>([
    ...groupPrefixes.map(([title]) => [title, []] as [string, AttributeDto[]]),
    ['Other', []],
  ]);
  for (const attribute of shown) {
    const group = groupPrefixes.find(([, prefixes]) =>
      prefixes.some((prefix) => attribute.key.startsWith(prefix)),
    );
    titles.get(group?.[0] ?? 'Other')!.push(attribute);
  }
  titles.set('Resource', span.resource.filter(isNoMarker));
  titles.set('Scope', scopeAttributes(span));
  return {
    groups: Array.from(titles, ([title, attributes]) => ({ title, attributes })).filter(
      ({ attributes }) => attributes.length > 0,
    ),
    droppedCount: sumOf(span, droppedKey),
    reducedCount: sumOf(span, reducedKey),
    hashedCount: sumOf(span, hashedKey),
    keptCount: sumOf(span, keptKey),
  };
}

function isNoMarker({ key }: AttributeDto): boolean {
  return !key.startsWith(markerPrefix);
}

function scopeAttributes({ scope }: SpanDto): AttributeDto[] {
  const own = [
    ['name', scope.name],
    ['version', scope.version],
  ] as const;
  const named = own
    .filter(([, text]) => text !== '')
    .map(([key, value]): AttributeDto => ({ key: `otel.scope.${key}`, value: { type: 'string', value } }));
  return [...named, ...scope.attributes.filter(isNoMarker)];
}

function sumOf(span: SpanDto, key: string): number {
  const lists = [
    span.attributes,
    ...span.events.map((event) => event.attributes),
    ...span.links.map((link) => link.attributes),
  ];
  let sum = 0;
  for (const attribute of lists.flat()) {
    if (attribute.key === key && attribute.value.type === 'int') sum += Number(attribute.value.value);
  }
  return sum;
}

/** Attributes whose key or value has `text`; groups left empty are left out. */
export function filterGroups(
  groups: readonly AttributeGroup[],
  text: string,
  formatValue: (value: AttributeDto['value']) => string,
): readonly AttributeGroup[] {
  const word = text.trim().toLowerCase();
  if (word === '') return groups;
  return groups
    .map(({ title, attributes }) => ({
      title,
      attributes: attributes.filter(
        ({ key, value }) =>
          key.toLowerCase().includes(word) || formatValue(value).toLowerCase().includes(word),
      ),
    }))
    .filter(({ attributes }) => attributes.length > 0);
}
