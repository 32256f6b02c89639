import type { SignalCounts, SystemResponse } from '@spanwise/api';
import type { Signal } from '@spanwise/store';
import { limits } from '../limits.ts';
import { MetricReadings } from '../telemetry/metric-readings.ts';
import type { ServerMetrics } from '../telemetry/server-metrics.ts';
import { version } from '../version.ts';
import type { HealthReport } from './health.ts';

export interface SystemReportParts {
  readonly health: HealthReport;
  readonly metrics: ServerMetrics;
  readonly engineKind: string;
  /** Unix milliseconds. */
  readonly startedAtMillis: number;
}

/** What `/status` and the metrics say, in one answer for people. */
export async function systemReport(parts: SystemReportParts): Promise<SystemResponse> {
  const { health, metrics, engineKind, startedAtMillis } = parts;
  const readings = await MetricReadings.read(metrics.registry);
  const { receivers, spool, engine } = health;
  const spoolStatus = 'bytes' in spool ? spool : undefined;
  return {
    version,
    startedAtMillis,
    ...partOf(health),
    warnings: health.warnings,
    receivers: {
      ...partOf(receivers),
      spans: signalCounts(readings, 'spans'),
      logs: signalCounts(readings, 'logs'),
      refusedRequests: readings.by('spanwise_refused_requests_total', 'reason'),
      bytesInFlight: readings.sum('spanwise_bytes_in_flight'),
      decodeQueue: readings.sum('spanwise_decode_queue'),
    },
    spool: {
      ...partOf(spool),
      bytes: spoolStatus?.bytes ?? 0,
      maxBytes: limits.spoolBytes.value,
      segments: spoolStatus?.segments ?? 0,
      oldestAgeMillis: spoolStatus?.oldestAgeMillis ?? 0,
      waitingRequests: spoolStatus?.waitingRequests ?? 0,
      commits: readings.durations('spanwise_spool_commit_duration_seconds'),
      quarantined: spoolStatus?.quarantined ?? { segments: 0, rows: 0, listed: [] },
    },
    engine: {
      ...partOf(engine),
      kind: engineKind,
      restarts: 'restarts' in engine ? engine.restarts : 0,
      insertedRows: readings.sum('spanwise_engine_inserted_rows_total'),
      inserts: readings.durations('spanwise_engine_insert_duration_seconds'),
      queries: queriesOf(readings),
    },
    process: {
      residentBytes: readings.sum('process_resident_memory_bytes'),
      cpuSeconds: readings.sum('process_cpu_seconds_total'),
      eventLoopDelayMillis: {
        p50: 1_000 * readings.sum('nodejs_eventloop_delay_p50_seconds'),
        p99: 1_000 * readings.sum('nodejs_eventloop_delay_p99_seconds'),
      },
    },
  };
}

function partOf({ status, reason }: Pick<HealthReport, 'status' | 'reason'>) {
  return { status, ...(reason === undefined ? {} : { reason }) };
}

function signalCounts(readings: MetricReadings, signal: Signal): SignalCounts {
  const ofSignal = { signal };
  return {
    received: readings.sum('spanwise_received_total', ofSignal),
    accepted: readings.sum('spanwise_accepted_total', ofSignal),
    repeated: readings.sum('spanwise_repeated_total', ofSignal),
    rejected: readings.by('spanwise_rejected_total', 'reason', ofSignal),
    refused: readings.by('spanwise_refused_total', 'reason', ofSignal),
  };
}

function queriesOf(readings: MetricReadings): SystemResponse['engine']['queries'] {
  const metric = 'spanwise_query_duration_seconds';
  return Object.keys(readings.by(metric, 'route'))
    .map((route) => ({ route, ...readings.durations(metric, { route }) }))
    .sort((a, b) => b.count - a.count);
}
