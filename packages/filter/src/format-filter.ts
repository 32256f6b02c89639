import { formatDuration } from './durations.ts';
import type { Field, Filter, Value } from './filter.ts';
import { keywords, parseFields } from './parse-filter.ts';

/** Text that `parseFilter` reads back as the same tree. */
export function formatFilter(filter: Filter): string {
  switch (filter.type) {
    case 'all':
      return filter.parts.map((part) => inside(part, ['any'])).join(' and ');
    case 'any':
      return filter.parts.map((part) => inside(part, [])).join(' or ');
    case 'not':
      return `not ${inside(filter.part, ['all', 'any'])}`;
    case 'comparison':
      return `${formatField(filter.field)} ${filter.operator} ${formatValue(filter.field, filter.value)}`;
    case 'membership':
      return `${formatField(filter.field)} in (${filter.values.map((value) => formatValue(filter.field, value)).join(', ')})`;
    case 'match':
      return `${formatField(filter.field)} ${filter.operator} ${formatText(filter.pattern)}`;
    case 'exists':
      return `${formatField(filter.field)} exists`;
    case 'history': {
      const { percent, lookbackNanos } = filter.percentile;
      return `duration ${filter.operator} p${percent}(${formatDuration(lookbackNanos)})`;
    }
    case 'structure': {
      const { left, right } = filter;
      // What stands left goes on from there without braces of its own.
      const before = left.type === 'structure' ? formatFilter(left) : `{${formatFilter(left)}}`;
      return `${before} ${filter.operator} {${formatFilter(right)}}`;
    }
  }
}

/** `looser`: what would fall apart here without parentheses. A group inside its like keeps them, to stay a group. */
function inside(part: Filter, looser: readonly Filter['type'][]): string {
  const text = formatFilter(part);
  // Nothing to write: braces hold it.
  if (text === '') return '{}';
  const isGroup = part.type === 'all' || part.type === 'any';
  const isOne = isGroup && part.parts.length === 1;
  return looser.includes(part.type) || (isGroup && !isOne) ? `(${text})` : text;
}

/** As a filter names it, in quotes where need be. */
export function formatField(field: Field): string {
  if (field.type === 'intrinsic') return field.name;
  const prefix = field.level === undefined ? '' : `${field.level}.`;
  const plain = `${prefix}${field.key}`;
  return isPlain(plain, field) ? plain : `${prefix}${formatText(field.key)}`;
}

function isPlain(text: string, field: Field & { readonly type: 'attribute' }): boolean {
  if (/["'\\]/.test(text) || keywords.has(text.toLowerCase())) return false;
  const parsed = parseFields(text);
  const [alone, ...more] = parsed.ok ? parsed.fields : [];
  return (
    alone?.type === 'attribute' && alone.key === field.key && alone.level === field.level && more.length === 0
  );
}

const bareWord = /^[a-z]+$/;

function formatValue(field: Field, value: Value): string {
  switch (value.type) {
    case 'string': {
      const isChoice = field.type === 'intrinsic' && (field.name === 'kind' || field.name === 'status');
      return isChoice && bareWord.test(value.value) ? value.value : formatText(value.value);
    }
    case 'number':
      return formatNumber(value.value);
    case 'boolean':
      return String(value.value);
    case 'duration':
      return formatDuration(value.nanos);
  }
}

/** A double keeps its point, or it would be read as a whole number. */
function formatNumber(value: bigint | number): string {
  if (typeof value === 'bigint') return String(value);
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text in quotes. */
export function formatText(text: string): string {
  return `"${text.replace(/[\\"\n\r\t]/g, (character) => escapes[character] ?? `\\${character}`)}"`;
}
