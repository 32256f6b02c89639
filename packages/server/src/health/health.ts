import type { PartStatus } from '@spanwise/api';
import type { EngineStatus } from '@spanwise/store';
import type { SpoolStatus } from '../spool/spool.ts';

export interface HealthParts {
  readonly phase: 'starting' | 'ready' | 'stopping';
  readonly engine: EngineStatus | undefined;
  readonly spool: SpoolStatus | undefined;
}

/** A part of the server, and why it is not well. */
export interface PartHealth {
  readonly status: PartStatus;
  readonly reason?: string;
}

/** `status` as the reference collector's health check names it (healthcheckv2). */
export interface HealthReport extends PartHealth {
  readonly receivers: PartHealth;
  readonly spool: PartHealth & (SpoolStatus | { readonly state: 'starting' });
  readonly engine: PartHealth & (EngineStatus | { readonly state: 'starting' });
  /** What somebody should look at, though nothing waits for it. */
  readonly warnings: readonly string[];
}

export function healthReport({ phase, engine, spool }: HealthParts): HealthReport {
  const parts = {
    receivers: receiversHealth(phase, spool),
    spool: { ...(spool ?? { state: 'starting' as const }), ...spoolHealth(spool) },
    engine: { ...(engine ?? { state: 'starting' as const }), ...engineHealth(engine) },
  };
  const isStarting = phase === 'starting' || engine === undefined || spool === undefined;
  const sick = Object.entries(parts).find(([, { status }]) => status === 'StatusRecoverableError');
  const status = ((): PartStatus => {
    if (phase === 'stopping') return 'StatusStopping';
    if (isStarting) return 'StatusStarting';
    return sick === undefined ? 'StatusOK' : 'StatusRecoverableError';
  })();
  return {
    status,
    ...(status === 'StatusRecoverableError' && sick !== undefined
      ? { reason: `${sick[0]}: ${sick[1].reason}` }
      : {}),
    ...parts,
    warnings: warningsOf(spool),
  };
}

function receiversHealth(phase: HealthParts['phase'], spool: SpoolStatus | undefined): PartHealth {
  if (phase === 'stopping') return { status: 'StatusStopping' };
  if (phase === 'starting') return { status: 'StatusStarting' };
  if (spool?.state === 'full' || spool?.state === 'failing') {
    return { status: 'StatusRecoverableError', reason: `senders are told to wait: ${spool.reason}` };
  }
  return { status: 'StatusOK' };
}

function spoolHealth(spool: SpoolStatus | undefined): PartHealth {
  if (spool === undefined) return { status: 'StatusStarting' };
  if (spool.state === 'closed') return { status: 'StatusStopping' };
  const because = spool.reason === undefined ? {} : { reason: spool.reason };
  // `waiting`: the engine has not taken a segment yet, which a restart or a merge cures.
  const isWell = spool.state === 'ready' || spool.state === 'waiting';
  return { status: isWell ? 'StatusOK' : 'StatusRecoverableError', ...because };
}

function engineHealth(engine: EngineStatus | undefined): PartHealth {
  if (engine === undefined || engine.state === 'starting') return { status: 'StatusStarting' };
  if (engine.state === 'closed') return { status: 'StatusStopping' };
  if (engine.state === 'ready') return { status: 'StatusOK' };
  return { status: 'StatusRecoverableError', reason: engine.lastError ?? 'it is being started again' };
}

function warningsOf(spool: SpoolStatus | undefined): readonly string[] {
  if (spool === undefined || spool.quarantined.segments === 0) return [];
  const { segments, rows, listed } = spool.quarantined;
  const what = segments === 1 ? 'a segment' : `${segments} segments`;
  return [`${rows} rows of ${what} are set aside in the spool's quarantine: ${listed.at(-1)?.reason}`];
}

/**
 * 503 tells an orchestrator not to send anything here. What recovers by itself stays 200: taking the only server
 * out of service would turn "wait" into "gone".
 */
export function httpStatusOf(report: HealthReport): number {
  return report.status === 'StatusStarting' || report.status === 'StatusStopping' ? 503 : 200;
}
