import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/** What is shorter is no delay that anybody feels; each look wakes an idle process. */
const resolutionMillis = 20;
/** Whoever looks twice within it sees the same, so that several may look. */
const windowMillis = 10_000;

/**
 * How late timers were, under the names of OpenTelemetry's conventions for Node (semantic conventions,
 * runtime/nodejs-metrics). Of the time between the last two looks that are a window apart.
 */
export function registerEventLoopMetrics(registry: Registry): void {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMillis });
  histogram.enable();
  let utilization = performance.eventLoopUtilization();
  let last = { p50: 0, p90: 0, p99: 0, max: 0, utilization: 0 };
  let takenAt = Number.NEGATIVE_INFINITY;
  // The timer of the measurement itself is in what it measures; NaN where it has not measured yet.
  const seconds = (nanos: number) => Math.max(0, nanos / 1e9 - resolutionMillis / 1e3) || 0;
  const take = () => {
    const now = performance.now();
    if (now - takenAt < windowMillis) return last;
    const used = performance.eventLoopUtilization();
    last = {
      p50: seconds(histogram.percentile(50)),
      p90: seconds(histogram.percentile(90)),
      p99: seconds(histogram.percentile(99)),
      max: seconds(histogram.max),
      utilization: performance.eventLoopUtilization(used, utilization).utilization,
    };
    utilization = used;
    takenAt = now;
    histogram.reset();
    return last;
  };
  const gauge = (name: string, help: string, key: keyof typeof last) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(take()[key]);
      },
    });
  gauge('nodejs_eventloop_delay_p50_seconds', 'How late timers are: median', 'p50');
  gauge('nodejs_eventloop_delay_p90_seconds', 'How late timers are: 90th percentile', 'p90');
  gauge('nodejs_eventloop_delay_p99_seconds', 'How late timers are: 99th percentile', 'p99');
  gauge('nodejs_eventloop_delay_max_seconds', 'How late timers are: the latest', 'max');
  gauge('nodejs_eventloop_utilization_ratio', 'Share of the time that the event loop is busy', 'utilization');
}
