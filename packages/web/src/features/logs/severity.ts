import type { LogRecordDto } from '@spanwise/api';

export type Severity = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'unset';

const steps: readonly Severity[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** By number, four to a step (OpenTelemetry, logs data model, SeverityNumber); by text where there is none. */
export function severityName({
  severityNumber,
  severityText,
}: Pick<LogRecordDto, 'severityNumber' | 'severityText'>): Severity {
  const byNumber = steps[Math.floor((severityNumber - 1) / 4)];
  if (byNumber !== undefined) return byNumber;
  const text = severityText.toLowerCase();
  return steps.find((name) => text.startsWith(name)) ?? 'unset';
}
