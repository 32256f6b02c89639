import type { TextMapGetter } from '@opentelemetry/api';

/** The first value of a header, trimmed; absent if there is none. A repeated header arrives as a list. */
export function headerValue(getter: TextMapGetter, carrier: unknown, name: string): string | undefined {
  const value = getter.get(carrier, name);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first.trim() : undefined;
}
