import { type Logger, ROOT_CONTEXT, SeverityNumber } from '@opentelemetry/api';
import type { LossReport, UntoldLosses } from './loss-report.ts';

/** `event.name` of the log record in which a process tells the backend what it lost. */
export const LOSS_EVENT = 'spanwise.sdk.loss';

/** Attributes are `spanwise.sdk.lost.{spans|log_records}.{reason}`, counts since the report before. */
const ATTRIBUTE_PREFIX = 'spanwise.sdk.lost';

/** Often enough to be near the gap in a trace that somebody looks at, rare enough to be no load of its own. */
const MIN_INTERVAL_MILLIS = 10_000;

/** Tells the backend what this process lost, through the process's own log export. */
export class SelfReport {
  readonly #losses: LossReport;
  readonly #logger: Logger;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(losses: LossReport, logger: Logger) {
    this.#losses = losses;
    this.#logger = logger;
  }

  /** To be called when the backend has just taken something. Emits one record if there is something untold. */
  tell(): void {
    if (performance.now() - this.#reportedAt >= MIN_INTERVAL_MILLIS) this.tellNow();
  }

  /** As {@link tell}, at an end: whenever the last one was. */
  tellNow(): void {
    const losses = this.#losses.takeUntold();
    if (losses === undefined) return;
    this.#reportedAt = performance.now();
    this.#logger.emit({
      eventName: LOSS_EVENT,
      severityNumber: SeverityNumber.WARN,
      severityText: 'warn',
      body: `Telemetry of this process is incomplete: ${describe(losses)}`,
      attributes: attributesOf(losses),
      context: ROOT_CONTEXT,
    });
  }
}

export function isSelfReport(record: { readonly eventName?: string | undefined }): boolean {
  return record.eventName === LOSS_EVENT;
}

function attributesOf(losses: UntoldLosses): Record<string, number> {
  const attributes: Record<string, number> = {};
  for (const [signal, counts] of Object.entries(losses)) {
    for (const [reason, count] of Object.entries(counts)) {
      attributes[`${ATTRIBUTE_PREFIX}.${signal.replace(' ', '_')}.${reason}`] = count;
    }
  }
  return attributes;
}

/** `400 spans (queue_full), 12 log records (unreachable)` */
function describe(losses: UntoldLosses): string {
  return Object.entries(losses)
    .flatMap(([signal, counts]) =>
      Object.entries(counts).map(([reason, count]) => `${count} ${signal} lost (${reason})`),
    )
    .join(', ');
}
