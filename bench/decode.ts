import { cpus } from 'node:os';
import { encodeTraceRequest } from '../packages/otlp/src/index.ts';
import { RequestDecoder } from '../packages/server/src/pipeline/request-decoder.ts';
import { agentWorkload } from './agent-workload.ts';

/**
 * Spans per second of one core, from OTLP protobuf to RowBinary, with gate and normaliser: what a decode worker
 * does, without the thread. `node bench/decode.ts [seconds]`.
 */
const seconds = Number(process.argv[2] ?? 3);
const now = Date.now();
const tracesPerRequest = 42;
const spans = agentWorkload(tracesPerRequest, 1, now);
const body = encodeTraceRequest(spans);
const decoder = new RequestDecoder({
  contentMode: 'none',
  retentionMillis: { spans: 14 * 86_400_000, logs: 7 * 86_400_000 },
});
const request = { signal: 'spans', encoding: 'protobuf', body, tenant: 0, receivedAtMillis: now } as const;

function run(millis: number): { readonly rate: number; readonly cpuRate: number; readonly rowBytes: number } {
  const end = performance.now() + millis;
  const start = performance.now();
  const cpu = process.cpuUsage();
  let decoded = 0;
  let rowBytes = 0;
  while (performance.now() < end) {
    const result = decoder.decode(request);
    if (result.kind !== 'rows' || result.rowCount !== spans.length)
      throw new Error('the bench does not decode');
    decoded += result.rowCount;
    rowBytes = result.rows.length;
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    rate: (decoded * 1_000) / (performance.now() - start),
    cpuRate: (decoded * 1e6) / (user + system),
    rowBytes,
  };
}

run(1_000);
const { rate, cpuRate, rowBytes } = run(seconds * 1_000);
console.log(
  JSON.stringify({
    bench: 'decode',
    node: process.version,
    cpu: cpus()[0]?.model,
    spansPerRequest: spans.length,
    bytesPerSpanIn: Math.round(body.length / spans.length),
    bytesPerSpanOut: Math.round(rowBytes / spans.length),
    spansPerSecond: Math.round(rate),
    spansPerCpuSecond: Math.round(cpuRate),
  }),
);
