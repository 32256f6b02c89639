/**
 * What tracing costs a whole application: `npm run bench:app -- [--rounds 20] [--seconds 2] [--rate n] [--json file]`.
 * One gateway a variant, all started once and kept warm; in each round they take turns under the same load, in an
 * order of chance, so that other work, and what the one before still sends, disturb all alike. The load is half of what the gateway
 * without tracing answers at most, measured first, and does not wait for answers. Differences are those to the
 * gateway without tracing in the same round.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadAtRate, mostAnswers } from './app/load.ts';
import type { Received } from './app/peers.ts';
import { type GatewayRequest, type GatewayUse, type Variant, variants } from './app/variants.ts';
import { medianWithInterval, withInterval } from './measure/paired-ratio.ts';
import { percentile } from './measure/percentile.ts';
import { machine, report, say } from './measure/report.ts';

const CALIBRATION = { connections: 32, seconds: 3 };
/** Nothing listens there (IANA: discard). */
const DEAD_ORIGIN = 'http://127.0.0.1:9';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '2' },
    rate: { type: 'string' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

interface Sample {
  readonly p50: number;
  readonly p99: number;
  readonly cpuMillis: number;
  readonly loopDelayMillis: number;
  readonly rssMebibytes: number;
  readonly heapMebibytes: number;
}

interface Gateway {
  readonly variant: Variant;
  readonly child: ChildProcess;
  readonly port: number;
  readonly agent: Agent;
  readonly samples: Sample[];
  answered: number;
  failed: number;
}

const before = machine();
const peers = fork(path.join(import.meta.dirname, 'app/peers.ts'));
const [peersPort] = (await once(peers, 'message')) as [number];
const origin = `http://127.0.0.1:${peersPort}`;
const gateways: Gateway[] = [];
try {
  for (const variant of variants) gateways.push(await startGateway(variant));
  const absent = gateways[0];
  if (absent === undefined) throw new Error('there are no variants');
  for (const { port, agent } of gateways) await mostAnswers(port, agent, CALIBRATION.connections, 1);
  const most = await mostAnswers(absent.port, absent.agent, CALIBRATION.connections, CALIBRATION.seconds);
  const rate = Number(values.rate ?? Math.floor(most.rate / 2));
  say(`${rate} requests a second; without tracing it answers ${most.rate.toFixed(0)} at most`);
  // What was sent so far is told apart from what is measured.
  const warmUp = new Map<Gateway, Received>();
  for (const gateway of gateways) await loadOnce(gateway, rate);
  for (const gateway of gateways) {
    gateway.samples.length = 0;
    const flushed = once(gateway.child, 'message');
    ask(gateway.child, 'flush');
    await flushed;
    warmUp.set(gateway, await received(gateway));
    gateway.answered = 0;
    gateway.failed = 0;
  }
  for (let round = 0; round < rounds; round += 1) {
    say(`round ${round + 1} of ${rounds}`);
    for (const gateway of shuffled(gateways)) await loadOnce(gateway, rate);
  }
  for (const { child } of gateways) {
    const ended = once(child, 'exit');
    ask(child, 'end');
    await ended;
  }
  const rows: object[] = [];
  for (const gateway of gateways)
    rows.push(rowOf(gateway, absent, await received(gateway), warmUp.get(gateway)));
  report(
    `app: ${rate} requests/s, of ${most.rate.toFixed(0)} at most, ${rounds} rounds of ${seconds} s, medians with 95 % intervals`,
    before,
    rows,
    values.json,
  );
} finally {
  for (const { child, agent } of gateways) {
    agent.destroy();
    child.kill('SIGKILL');
  }
  peers.kill();
}

/** By Fisher and Yates. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(Math.random() * left.length), 1));
}

async function startGateway(variant: Variant): Promise<Gateway> {
  const endpoint = variant.isBackendDead === true ? DEAD_ORIGIN : `${origin}/${variant.id}`;
  const child = fork(path.join(import.meta.dirname, 'app/gateway.ts'), [variant.id, origin], {
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: variant.id,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      // Our default, and so that all send alike.
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      ...variant.env,
    },
  });
  const port = await Promise.race([
    once(child, 'message').then(([number]) => number as number),
    once(child, 'exit').then(() => Promise.reject(new Error(`${variant.id} did not start`))),
  ]);
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  return { variant, child, port, agent, samples: [], answered: 0, failed: 0 };
}

function ask(child: ChildProcess, question: GatewayRequest): void {
  child.send(question);
}

async function loadOnce(gateway: Gateway, rate: number): Promise<void> {
  const { child, port, agent, samples } = gateway;
  const started = once(child, 'message');
  ask(child, 'start');
  await started;
  const { latencies, failed } = await loadAtRate(port, agent, rate, seconds);
  const stopped = once(child, 'message');
  ask(child, 'stop');
  const [use] = (await stopped) as [GatewayUse];
  gateway.answered += latencies.length;
  gateway.failed += failed;
  samples.push({
    ...use,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpuMillis: use.cpuMicros / 1_000 / latencies.length,
  });
}

async function received({ variant }: Gateway): Promise<Received> {
  const told = once(peers, 'message');
  peers.send(variant.id);
  const [counts] = (await told) as [Received];
  return counts;
}

function rowOf(gateway: Gateway, absent: Gateway, all: Received, warmUp: Received | undefined): object {
  const { variant, samples, answered, failed } = gateway;
  const values = (of: keyof Sample) => samples.map((sample) => sample[of]);
  const added = (of: keyof Sample) =>
    samples.map((sample, round) => sample[of] - (absent.samples[round]?.[of] ?? Number.NaN));
  const told = (numbers: readonly number[], digits: number) =>
    withInterval(medianWithInterval(numbers), digits);
  return {
    variant: variant.name,
    'p50 ms': told(values('p50'), 1),
    'p99 ms': told(values('p99'), 1),
    'added p99 ms': gateway === absent ? '–' : told(added('p99'), 1),
    'CPU ms a request': told(values('cpuMillis'), 2),
    'added CPU ms': gateway === absent ? '–' : told(added('cpuMillis'), 2),
    'event loop late, p99 ms': told(values('loopDelayMillis'), 1),
    'RSS / heap MiB': `${percentile(values('rssMebibytes'), 0.5).toFixed(0)} / ${percentile(values('heapMebibytes'), 0.5).toFixed(0)}`,
    'spans a request': ((all.spans - (warmUp?.spans ?? 0)) / answered).toFixed(1),
    'bytes a request': ((all.bytes - (warmUp?.bytes ?? 0)) / answered).toFixed(0),
    failed,
  };
}
