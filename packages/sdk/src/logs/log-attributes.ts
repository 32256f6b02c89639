import type { Attributes } from '@opentelemetry/api';
import { attributeKey, isContentKey } from '@spanwise/semconv';
import type { LogLine } from './log-line.ts';

/** Deeper or wider than a line worth reading; the rest is left out of the record, not out of the line. */
const MAX_DEPTH = 4;
const MAX_ATTRIBUTES = 128;

/** The fields of a line as attributes: nested objects become dotted keys, an error the conventions' exception keys. */
export function buildLogAttributes(line: LogLine): Attributes {
  const attributes: Attributes = {};
  addFields(attributes, '', line.fields, 1);
  if (line.error !== undefined) {
    attributes[attributeKey.exceptionType] = line.error.type;
    if (line.error.stack !== undefined) attributes[attributeKey.exceptionStacktrace] = line.error.stack;
    const code = line.error.code ?? line.error.status;
    if (code !== undefined) attributes[attributeKey.errorType] = String(code);
  }
  return attributes;
}

function addFields(
  attributes: Attributes,
  prefix: string,
  fields: Readonly<Record<string, unknown>>,
  depth: number,
): void {
  for (const [name, value] of Object.entries(fields)) {
    const key = prefix + name;
    if (isContentKey(key) || Object.keys(attributes).length >= MAX_ATTRIBUTES) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      attributes[key] = value;
    } else if (Array.isArray(value)) {
      attributes[key] = value.map((element) =>
        typeof element === 'string' ? element : JSON.stringify(element),
      );
    } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
      addFields(attributes, `${key}.`, value as Record<string, unknown>, depth + 1);
    }
  }
}
