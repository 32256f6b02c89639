import type { AttributeDto, AttributeValueDto } from '@spanwise/api';

/** The value of a key, with its type. Absence: undefined. */
export function attribute(attributes: readonly AttributeDto[], key: string): AttributeValueDto | undefined {
  return attributes.find((entry) => entry.key === key)?.value;
}

export function text(attributes: readonly AttributeDto[], key: string): string | undefined {
  const value = attribute(attributes, key);
  return value?.type === 'string' ? value.value : undefined;
}

/** Of an attribute that was sent as an integer. */
export function integer(attributes: readonly AttributeDto[], key: string): number | undefined {
  const value = attribute(attributes, key);
  return value?.type === 'int' ? Number(value.value) : undefined;
}
