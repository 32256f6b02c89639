import type { EngineStatus } from '@spanwise/store';
import type { SpoolStatus } from '../spool/spool.ts';

export interface HealthParts {
  readonly phase: 'starting' | 'ready' | 'stopping';
  readonly engine: EngineStatus | undefined;
  readonly spool: SpoolStatus | undefined;
}

/** `status` as the reference collector's health check names it (healthcheckv2). */
export interface HealthReport {
  readonly status: 'StatusStarting' | 'StatusOK' | 'StatusRecoverableError' | 'StatusStopping';
  readonly receivers: { readonly status: string };
  readonly engine: Readonly<Record<string, unknown>>;
  readonly spool: Readonly<Record<string, unknown>>;
}

export function healthReport({ phase, engine, spool }: HealthParts): HealthReport {
  return {
    status: overall(phase, engine, spool),
    receivers: {
      status: phase === 'ready' ? 'StatusOK' : phase === 'starting' ? 'StatusStarting' : 'StatusStopping',
    },
    engine: engine === undefined ? { state: 'starting' } : { ...engine },
    spool: spool === undefined ? { state: 'starting' } : { ...spool },
  };
}

function overall(
  phase: HealthParts['phase'],
  engine: EngineStatus | undefined,
  spool: SpoolStatus | undefined,
): HealthReport['status'] {
  if (phase === 'stopping') return 'StatusStopping';
  if (phase === 'starting' || engine === undefined || spool === undefined) return 'StatusStarting';
  // `waiting`: the engine has not taken a segment yet, which a restart or a merge cures.
  const isWell = engine.state === 'ready' && (spool.state === 'ready' || spool.state === 'waiting');
  return isWell ? 'StatusOK' : 'StatusRecoverableError';
}

/**
 * 503 tells an orchestrator not to send anything here. What recovers by itself stays 200: taking the only server
 * out of service would turn "wait" into "gone".
 */
export function httpStatusOf(report: HealthReport): number {
  return report.status === 'StatusStarting' || report.status === 'StatusStopping' ? 503 : 200;
}
