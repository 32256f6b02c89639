import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ServerMetrics } from './server-metrics.ts';

const documented = readFileSync(
  fileURLToPath(new URL('../../../../docs/metrics.md', import.meta.url)),
  'utf8',
);

describe('docs/metrics.md', () => {
  it('is the table of what GET /metrics gives, but for those of Node itself', () => {
    const { registry } = new ServerMetrics({
      bytesInFlight: () => 0,
      spool: () => undefined,
      decodeQueue: () => 0,
      engineRestarts: () => 0,
      isEngineReady: () => true,
      liveViews: () => 0,
    });
    const table = registry
      .getMetricsAsArray()
      .filter(({ name }) => /^(spanwise_|nodejs_eventloop_)/.test(name))
      .map((metric) => {
        const { labelNames } = metric as unknown as { labelNames: readonly string[] };
        return `| \`${metric.name}\` | ${metric.type} | ${labelNames.join(', ')} | ${metric.help} |`;
      });
    expect(
      documented.split('\n').filter((line) => /^\| `(spanwise_|nodejs_eventloop_)\w+` \|/.test(line)),
    ).toEqual(table);
  });
});
