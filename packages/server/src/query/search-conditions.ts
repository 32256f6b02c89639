import { parseJaegerSpanKind, type SearchTag } from '@spanwise/jaeger';
import type { AttributeCondition, TraceQuery } from '@spanwise/store';

type Conditions = Pick<TraceQuery, 'attributes' | 'hasError' | 'kind'>;

/**
 * What `key=value` asks for. Some keys are no attributes, as in Jaeger's memory store: `error`, `span.status`,
 * `span.kind`; and the prefix `resource.` asks for a resource attribute.
 */
export function searchConditions(tags: readonly SearchTag[]): Conditions {
  const attributes: AttributeCondition[] = [];
  let hasError: boolean | undefined;
  let kind: number | undefined;
  for (const { key, value } of tags) {
    const special = value.toLowerCase();
    if (key === 'error' && (special === 'true' || special === 'false')) hasError = special === 'true';
    else if ((key === 'span.status' || key === 'otel.status_code') && special === 'error') hasError = true;
    else if (key === 'span.kind' && special !== '' && parseJaegerSpanKind(special) !== undefined) {
      kind = parseJaegerSpanKind(special);
    } else if (key.startsWith('resource.')) {
      attributes.push({ level: 'resource', key: key.slice('resource.'.length), value });
    } else attributes.push({ key, value });
  }
  return {
    ...(attributes.length === 0 ? {} : { attributes }),
    ...(hasError === undefined ? {} : { hasError }),
    ...(kind === undefined ? {} : { kind }),
  };
}
