import { getNumberFromEnv } from '@opentelemetry/core';
import type { LogRecordLimits } from '@opentelemetry/sdk-logs';
import type { SpanLimits } from '@opentelemetry/sdk-trace';

/** Each limit, and the variables that set it, the first one before the second. */
const SPAN_VARIABLES = {
  attributeCountLimit: ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
  attributeValueLengthLimit: ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
  eventCountLimit: ['OTEL_SPAN_EVENT_COUNT_LIMIT'],
  linkCountLimit: ['OTEL_SPAN_LINK_COUNT_LIMIT'],
  attributePerEventCountLimit: ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'],
  attributePerLinkCountLimit: ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'],
} as const satisfies Record<keyof SpanLimits, readonly string[]>;

const LOG_RECORD_VARIABLES = {
  attributeCountLimit: ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
  attributeValueLengthLimit: [
    'OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  ],
} as const satisfies Record<keyof LogRecordLimits, readonly string[]>;

/** The specification's limits as far as the environment sets them; the SDK fills in the rest. */
export function resolveSpanLimits(): SpanLimits {
  return limitsFrom(SPAN_VARIABLES);
}

/** As {@link resolveSpanLimits}. */
export function resolveLogRecordLimits(): LogRecordLimits {
  return limitsFrom(LOG_RECORD_VARIABLES);
}

function limitsFrom<Limit extends string>(
  variablesOf: Readonly<Record<Limit, readonly string[]>>,
): Partial<Record<Limit, number>> {
  const limits: Partial<Record<Limit, number>> = {};
  for (const limit of Object.keys(variablesOf) as Limit[]) {
    for (const variable of variablesOf[limit]) {
      const value = getNumberFromEnv(variable);
      if (value === undefined || value < 0) continue;
      limits[limit] = value;
      break;
    }
  }
  return limits;
}
