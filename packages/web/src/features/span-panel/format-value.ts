import type { AttributeValueDto } from '@spanwise/api';

/** A value as text, as one would search for it. Nested values are JSON-like. */
export function formatValue(value: AttributeValueDto): string {
  switch (value.type) {
    case 'array':
      return `[${value.value.map(formatNested).join(', ')}]`;
    case 'map':
      return `{${value.value.map((entry) => `${entry.key}: ${formatNested(entry.value)}`).join(', ')}}`;
    case 'empty':
      return '';
    default:
      return String(value.value);
  }
}

function formatNested(value: AttributeValueDto): string {
  return value.type === 'string' ? JSON.stringify(value.value) : formatValue(value);
}

/** A search condition can name text, numbers and booleans. */
export function isSearchable(value: AttributeValueDto): boolean {
  return value.type !== 'array' && value.type !== 'map' && value.type !== 'empty' && value.type !== 'bytes';
}
