import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Load } from './load/generator.ts';
import { runLoad } from './load/run-load.ts';
import { percentile, rounded } from './measure/percentile.ts';
import { machine, report, say } from './measure/report.ts';
import { untilQuiet } from './measure/until-quiet.ts';
import { startJaeger } from './targets/jaeger.ts';
import { startSpanwise } from './targets/spanwise.ts';
import type { Target } from './targets/target.ts';

const help = `npm run bench:questions -- [options]

Questions over HTTP, without a hint about the time, about spans of the last 30 days: alone, and while 10,000 spans/s
come in (then newest parts are not merged).

  --spans N           how many to load (default 10,000,000; a few minutes)
  --data-dir FOLDER   where they stay; a second run finds them there
  --repeat N          how often each is asked (default 60)
  --peer-binary FILE  a Jaeger v2 with its memory store gets the same spans; use --spans 1200000
  --json FILE         the table as JSON`;

const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '10000000' },
    'data-dir': { type: 'string' },
    repeat: { type: 'string', default: '60' },
    'peer-binary': { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const days = 30;
/** What the load leaves: see `variedWorkload`. */
const service = 'llm-proxy';
const operation = 'POST /v1/chat/completions';

interface Samples {
  readonly traceIds: readonly string[];
}

interface Question {
  readonly name: string;
  /** p50 in milliseconds that we want at 10 million spans; absent where none was set. */
  readonly goal?: number;
  /** Jaeger's API: the peer is asked as well. */
  readonly isShared: boolean;
  path(samples: Samples, round: number): string;
  readonly status?: number;
}

const now = Date.now();
const window = (fromDaysAgo: number, hours: number) => {
  const start = (now - fromDaysAgo * 86_400_000) * 1_000;
  return `start=${start}&end=${start + hours * 3_600_000_000}`;
};
const always = `start=1&end=${(now + 86_400_000) * 1_000}`;
const search = (query: string) => `/api/traces?${query}&limit=20`;
const tag = (key: string, value: string) => `tags=${encodeURIComponent(JSON.stringify({ [key]: value }))}`;
const pick = <Item>(items: readonly Item[], round: number) => items[round % items.length]!;
const op = `operation=${encodeURIComponent(operation)}`;

const questions: readonly Question[] = [
  {
    name: 'trace by id',
    goal: 10,
    isShared: true,
    path: ({ traceIds }, round) => `/api/traces/${pick(traceIds, round)}`,
  },
  {
    name: 'trace by id that is not there',
    goal: 10,
    isShared: true,
    status: 404,
    path: (_, round) => `/api/traces/${(round + 1).toString(16).padStart(32, '9')}`,
  },
  {
    name: 'newest 20 of a service',
    goal: 20,
    isShared: true,
    path: () => search(`service=${service}&${always}`),
  },
  {
    name: 'newest 20 of an operation',
    goal: 20,
    isShared: true,
    path: () => search(`service=${service}&${op}&${always}`),
  },
  {
    name: 'newest 20 that took 5 ms',
    goal: 20,
    isShared: true,
    path: () => search(`service=${service}&minDuration=5ms&${always}`),
  },
  {
    name: 'newest 20 that took 10 s (none)',
    isShared: true,
    path: () => search(`service=${service}&minDuration=10s&${always}`),
  },
  {
    name: 'newest 20 of an hour',
    goal: 20,
    isShared: true,
    path: (_, round) => search(`service=${service}&${window(1 + (round % (days - 2)), 1)}`),
  },
  {
    name: 'attribute, no span',
    goal: 100,
    isShared: true,
    path: (_, round) => search(`service=api-gateway&${tag('order', `none-${round}`)}&${always}`),
  },
  {
    name: 'attribute, 0.001 % of spans',
    goal: 100,
    isShared: true,
    path: (_, round) =>
      search(
        `service=api-gateway&${tag('order', `order-${String(round % 200).padStart(6, '0')}`)}&${always}`,
      ),
  },
  {
    name: 'attribute, 5 %',
    goal: 100,
    isShared: true,
    path: (_, round) => search(`service=${service}&${tag('region', `r${round % 20}`)}&${always}`),
  },
  {
    name: 'attribute, 100 %',
    goal: 100,
    isShared: true,
    path: () => search(`service=${service}&${tag('http.request.method', 'POST')}&${always}`),
  },
  {
    name: 'all filters',
    goal: 50,
    isShared: true,
    path: (_, round) =>
      search(
        `service=${service}&${op}&minDuration=1ms&maxDuration=1s&${tag('region', `r${round % 20}`)}&${always}`,
      ),
  },
  {
    name: 'percentiles of every operation',
    goal: 20,
    isShared: false,
    path: () => `/api/v1/stats?lookback=${days + 1}d&by=operation`,
  },
  { name: 'services', isShared: true, path: () => '/api/services' },
  { name: 'operations', isShared: true, path: () => `/api/operations?service=${service}` },
  {
    name: 'dependencies',
    isShared: true,
    path: () => `/api/dependencies?endTs=${now}&lookback=${(days + 1) * 86_400_000}`,
  },
  {
    name: 'analysis of a trace',
    isShared: false,
    path: ({ traceIds }, round) => `/api/v1/traces/${pick(traceIds, round)}/analysis`,
  },
];

const varied: Omit<Load, 'endpoint' | 'seconds'> = {
  protocol: 'http',
  isCompressed: false,
  workload: 'varied',
  connections: 8,
};

if (values.help) console.log(help);
else await main(Number(values.spans), Number(values.repeat));

async function main(spans: number, repeat: number): Promise<void> {
  const before = machine();
  const dataDir = values['data-dir'];
  const isLoaded = dataDir !== undefined && existsSync(dataDir);
  const spanwise = await startSpanwise({
    ...(dataDir !== undefined && { dataDir }),
    measuresDisk: false,
    args: ['--retention', `traces=${days + 10}d,logs=7d,size=500GB,disk=95%`],
  });
  if (!isLoaded) await fill(spanwise, spans);
  const rows = [...(await ask(spanwise, 'alone', repeat)), ...(await askUnderLoad(spanwise, repeat))];
  await spanwise.stop();
  const peer = values['peer-binary'];
  if (peer !== undefined) {
    const jaeger = await startJaeger(peer, 'memory');
    await fill(jaeger, spans);
    rows.push(...(await ask(jaeger, 'alone', repeat)));
    await jaeger.stop();
  }
  report(`questions, ${spans.toLocaleString('en')} spans`, before, rows, values.json);
}

async function fill(target: Target, spans: number): Promise<void> {
  say(`${target.name}: loading ${spans.toLocaleString('en')} spans of ${days} days`);
  const { spansPerSecond, failed, failure } = await runLoad({
    ...varied,
    endpoint: target.otlpHttp,
    seconds: 3_600,
    spans,
    days,
  });
  say(`  ${spansPerSecond.toLocaleString('en')} spans/s, ${failed} requests sent again ${failure ?? ''}`);
  await untilQuiet(target);
}

async function askUnderLoad(target: Target, repeat: number): Promise<readonly object[]> {
  say('  while 10,000 spans/s come in');
  const enough = new AbortController();
  const load = (async () => {
    while (!enough.signal.aborted) {
      await runLoad({ ...varied, endpoint: target.otlpHttp, seconds: 20, rate: 10_000 });
    }
  })();
  const rows = await ask(target, '10 k spans/s', repeat);
  enough.abort();
  await load;
  return rows;
}

/** Each question in turn, again and again, so that none has a quieter moment than another. */
async function ask(target: Target, when: string, repeat: number): Promise<readonly object[]> {
  say(`${target.name}: asking, ${when}`);
  const samples = { traceIds: await sampleTraceIds(target) };
  const asked = questions.filter(({ isShared }) => isShared || target.name === 'spanwise');
  const times = asked.map((): number[] => []);
  for (let round = -3; round < repeat; round += 1) {
    for (const [index, question] of asked.entries()) {
      const start = performance.now();
      const response = await fetch(target.query + question.path(samples, Math.abs(round)));
      const body = await response.text();
      if (response.status !== (question.status ?? 200)) {
        throw new Error(`${target.name}, ${question.name}: status ${response.status}: ${body.slice(0, 200)}`);
      }
      // The first rounds warm up.
      if (round >= 0) times[index]!.push(performance.now() - start);
    }
  }
  return asked.map((question, index) => ({
    question: question.name,
    target: target.name,
    when,
    'p50 ms': rounded(percentile(times[index]!, 0.5)),
    'p99 ms': rounded(percentile(times[index]!, 0.99)),
    goal: question.goal,
  }));
}

/** A few of every day. */
async function sampleTraceIds(target: Target): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let day = 1; day < days; day += 1) {
    const response = await fetch(target.query + search(`service=${service}&${window(day, 20)}`));
    const { data } = (await response.json()) as { readonly data: readonly { readonly traceID: string }[] };
    ids.push(...data.slice(0, 5).map(({ traceID }) => traceID));
  }
  if (ids.length === 0) throw new Error(`${target.name} has no traces of ${service}`);
  return ids;
}
