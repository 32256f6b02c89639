import type { Signal } from '@spanwise/store';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SpoolMetrics, SpoolStatus } from '../spool/spool.ts';
import { registerEventLoopMetrics } from './event-loop-metrics.ts';

/** Beyond this, a service's drops count under `other`: label values come from senders. */
const maxServiceLabels = 1_000;

/** Read when somebody asks for the metrics. */
export interface Gauges {
  readonly bytesInFlight: () => number;
  readonly spool: () => SpoolStatus | undefined;
  readonly decodeQueue: () => number;
  readonly engineRestarts: () => number;
  readonly isEngineReady: () => boolean;
  readonly liveViews: () => number;
}

/**
 * What the server tells about itself. Items are spans or log records:
 * received = accepted + repeated + rejected + refused. A request refused before it could be decoded counts in
 * `refusedRequests` only, because nobody knows what was in it.
 */
export class ServerMetrics implements SpoolMetrics {
  readonly registry = new Registry();
  readonly #services = new Set<string>();
  readonly #received = this.#counter('spanwise_received_total', 'Spans and log records received', ['signal']);
  readonly #accepted = this.#counter('spanwise_accepted_total', 'Stored durably', ['signal']);
  readonly #repeated = this.#counter('spanwise_repeated_total', 'Sent again, stored before', ['signal']);
  readonly #rejected = this.#counter('spanwise_rejected_total', 'Not stored, not to be sent again', [
    'signal',
    'reason',
  ]);
  readonly #refused = this.#counter('spanwise_refused_total', 'Not stored, to be sent again', [
    'signal',
    'reason',
  ]);
  readonly #requests = this.#counter('spanwise_requests_total', 'Export requests answered', [
    'signal',
    'protocol',
    'result',
  ]);
  readonly #refusedRequests = this.#counter(
    'spanwise_refused_requests_total',
    'Export requests refused whole: not readable, too large, or to be sent again',
    ['signal', 'reason'],
  );
  readonly #metricsBytes = this.#counter(
    'spanwise_metrics_dropped_bytes_total',
    'Bytes of OTLP metrics, which nothing reads yet',
    [],
  );
  readonly #cleanUps = this.#counter('spanwise_cleanups_total', 'Corrected, reduced or left out at ingest', [
    'signal',
    'what',
  ]);
  readonly #contentDropped = this.#counter(
    'spanwise_content_dropped_total',
    'Values dropped, reduced or kept apart because they may hold prompts or answers',
    ['service'],
  );
  readonly #hostRefused = this.#counter(
    'spanwise_host_refused_total',
    'Requests under a foreign host name',
    [],
  );
  readonly #connectionsRefused = this.#counter(
    'spanwise_connections_refused_total',
    'Connections closed at once because there were too many',
    [],
  );
  readonly #liveClosed = this.#counter(
    'spanwise_live_closed_total',
    'Live views closed for reading too slowly',
    [],
  );
  readonly #tailDropped = this.#counter(
    'spanwise_tail_dropped_total',
    'Matches that live tails counted and did not show, because there were too many at once',
    [],
  );
  readonly #querySeconds = new Histogram({
    name: 'spanwise_query_duration_seconds',
    help: 'Time to answer a question, by route',
    labelNames: ['route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });

  readonly #commitSeconds = new Histogram({
    name: 'spanwise_spool_commit_duration_seconds',
    help: 'Time to write and sync a group of requests',
    labelNames: ['signal'],
    buckets: [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [this.registry],
  });
  readonly #commitRequests = new Histogram({
    name: 'spanwise_spool_commit_requests',
    help: 'Requests that shared one sync',
    labelNames: ['signal'],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [this.registry],
  });
  readonly #insertSeconds = new Histogram({
    name: 'spanwise_engine_insert_duration_seconds',
    help: 'Time to insert a segment and prove it by counting',
    labelNames: ['signal'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
    registers: [this.registry],
  });
  readonly #insertRows = this.#counter('spanwise_engine_inserted_rows_total', 'Rows stored and proved', [
    'signal',
  ]);
  readonly #quarantinedRows = this.#counter(
    'spanwise_spool_quarantined_rows_total',
    'Rows set aside because they can not be stored',
    ['signal'],
  );

  constructor(gauges: Gauges) {
    // Its own look at the event loop, replaced below, can't be switched off: let it wake us seldom.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 1_000 });
    for (const { name } of this.registry.getMetricsAsArray()) {
      // Ours have OpenTelemetry's names.
      if (name.startsWith('nodejs_eventloop_lag')) this.registry.removeSingleMetric(name);
    }
    registerEventLoopMetrics(this.registry);
    this.#gauge(
      'spanwise_bytes_in_flight',
      'Bytes of requests being received and decoded',
      gauges.bytesInFlight,
    );
    this.#gauge(
      'spanwise_spool_bytes',
      'Bytes acknowledged and not yet stored',
      () => gauges.spool()?.bytes ?? 0,
    );
    this.#gauge('spanwise_spool_segments', 'Segments not yet stored', () => gauges.spool()?.segments ?? 0);
    this.#gauge(
      'spanwise_spool_oldest_age_seconds',
      'Age of the oldest segment not yet stored',
      () => (gauges.spool()?.oldestAgeMillis ?? 0) / 1_000,
    );
    this.#gauge(
      'spanwise_spool_waiting_requests',
      'Requests waiting for a write to the spool',
      () => gauges.spool()?.waitingRequests ?? 0,
    );
    this.#gauge(
      'spanwise_spool_quarantined_segments',
      'Segments of which something is set aside',
      () => gauges.spool()?.quarantined.segments ?? 0,
    );
    this.#gauge('spanwise_decode_queue', 'Requests waiting to be decoded', gauges.decodeQueue);
    new Counter({
      name: 'spanwise_engine_restarts_total',
      help: 'Restarts of the storage engine',
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(gauges.engineRestarts());
      },
    });
    this.#gauge('spanwise_engine_ready', '1 while the storage engine answers', () =>
      gauges.isEngineReady() ? 1 : 0,
    );
    this.#gauge('spanwise_live_views', 'Open live views', gauges.liveViews);
  }

  received(signal: Signal, count: number): void {
    this.#received.inc({ signal }, count);
  }

  accepted(signal: Signal, count: number): void {
    this.#accepted.inc({ signal }, count);
  }

  repeated(signal: Signal, count: number): void {
    this.#repeated.inc({ signal }, count);
  }

  rejected(signal: Signal, reason: string, count: number): void {
    this.#rejected.inc({ signal, reason }, count);
  }

  refused(signal: Signal, reason: string, count: number): void {
    this.#refused.inc({ signal, reason }, count);
  }

  refusedRequest(signal: string, reason: string): void {
    this.#refusedRequests.inc({ signal, reason });
  }

  request(signal: string, protocol: string, result: string): void {
    this.#requests.inc({ signal, protocol, result });
  }

  metricsDropped(bytes: number): void {
    this.#metricsBytes.inc(bytes);
  }

  cleanedUp(signal: Signal, what: string, count: number): void {
    this.#cleanUps.inc({ signal, what }, count);
  }

  contentDropped(service: string, count: number): void {
    const isCounted = this.#services.has(service) || this.#services.size < maxServiceLabels;
    if (isCounted) this.#services.add(service);
    this.#contentDropped.inc({ service: isCounted ? service : 'other' }, count);
  }

  hostRefused(): void {
    this.#hostRefused.inc();
  }

  connectionRefused(): void {
    this.#connectionsRefused.inc();
  }

  tailDropped(count: number): void {
    this.#tailDropped.inc(count);
  }

  liveViewClosed(): void {
    this.#liveClosed.inc();
  }

  queryAnswered(route: string, status: number, millis: number): void {
    this.#querySeconds.observe({ route, status }, millis / 1_000);
  }

  committed(signal: Signal, requests: number, millis: number): void {
    this.#commitSeconds.observe({ signal }, millis / 1_000);
    this.#commitRequests.observe({ signal }, requests);
  }

  inserted(signal: Signal, rows: number, millis: number): void {
    this.#insertSeconds.observe({ signal }, millis / 1_000);
    this.#insertRows.inc({ signal }, rows);
  }

  quarantined(signal: Signal, rows: number): void {
    this.#quarantinedRows.inc({ signal }, rows);
  }

  #counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
