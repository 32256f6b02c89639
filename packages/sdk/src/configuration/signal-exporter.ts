import { diag } from '@opentelemetry/api';
import { getStringFromEnv } from '@opentelemetry/core';
import type { Signal } from './exporter-target.ts';

/** `OTEL_TRACES_EXPORTER`, `OTEL_LOGS_EXPORTER`: `otlp` (default) or `none`. */
export function isExportWanted(signal: Signal): boolean {
  const variable = `OTEL_${signal}_EXPORTER`;
  const value = getStringFromEnv(variable) ?? 'otlp';
  if (value !== 'otlp' && value !== 'none')
    diag.warn(`Spanwise: ${variable}=${value} is ignored; allowed: otlp, none`);
  return value !== 'none';
}
