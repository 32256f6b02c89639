import { randomFillSync } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeTraceRequest } from '@spanwise/otlp';
import { agentWorkload } from '../agent-workload.ts';
import { jaegerWorkload } from '../jaeger-workload.ts';
import { percentile, rounded } from '../measure/percentile.ts';
import { createTemplate, freshRequest, type RequestTemplate } from './request-template.ts';
import { createSender, type Protocol, type Sender } from './senders.ts';
import { variedWorkload } from './varied-workload.ts';

export const workloads = { agent: agentWorkload, jaeger: jaegerWorkload, varied: variedWorkload } as const;
export type Workload = keyof typeof workloads;

export interface Load {
  readonly endpoint: string;
  readonly protocol: Protocol;
  readonly isCompressed: boolean;
  readonly workload: Workload;
  readonly connections: number;
  /** Absent: about 500, as batch processors send them. */
  readonly spansPerRequest?: number;
  /** Ends after so many seconds, or so many spans. */
  readonly seconds: number;
  readonly spans?: number;
  /** Spans a second, at times that do not wait for answers. Absent: as fast as answers come. */
  readonly rate?: number;
  /** Times move evenly over so many days, up to now. Absent: now. */
  readonly days?: number;
}

export interface LoadResult {
  readonly spans: number;
  readonly requests: number;
  readonly failed: number;
  readonly failure?: string;
  readonly seconds: number;
  readonly spansPerSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly bytesPerSpan: number;
}

const templateCount = 20;
/** Of the workload `varied`: each value stands on so many spans a request in as many requests. */
export const orders = 200;

/** The generator is a process of its own: see `runLoad`. Its only argument is a `Load` as JSON. */
const load = JSON.parse(process.argv[2]!) as Load;
console.log(JSON.stringify(await generate(load)));

async function generate({
  seconds,
  spans = Number.POSITIVE_INFINITY,
  rate,
  ...rest
}: Load): Promise<LoadResult> {
  const templates = createTemplates(rest.workload, rest.spansPerRequest ?? 500);
  const random = Buffer.alloc(24);
  const latencies: number[] = [];
  const start = performance.now();
  const deadline = start + seconds * 1_000;
  let started = 0;
  let requests = 0;
  let acknowledged = 0;
  let failed = 0;
  let failure: string | undefined;
  const next = () => templates[started % templates.length]!;

  async function sendOne(sender: Sender, since: number): Promise<void> {
    const template = next();
    started += template.spanCount;
    requests += 1;
    randomFillSync(random);
    const body = freshRequest(template, startNanos(started / spans, rest.days), random, requests % orders);
    try {
      await sender.send(body);
      acknowledged += template.spanCount;
      latencies.push(performance.now() - since);
    } catch (error) {
      failed += 1;
      failure ??= String(error);
      await delay(100);
    }
  }

  const senders = Array.from({ length: rest.connections }, () =>
    createSender(rest.protocol, rest.endpoint, rest.isCompressed),
  );
  /** When the next request is due. The time it waits for a connection is part of what it took. */
  let due = start;
  await Promise.all(
    senders.map(async (sender) => {
      while (performance.now() < deadline && started < spans) {
        if (rate === undefined) {
          await sendOne(sender, performance.now());
          continue;
        }
        const mine = due;
        due += (next().spanCount * 1_000) / rate;
        const wait = mine - performance.now();
        if (wait > 0) await delay(wait);
        if (performance.now() < deadline) await sendOne(sender, mine);
      }
    }),
  );
  const took = (performance.now() - start) / 1_000;
  for (const sender of senders) sender.close();
  return {
    spans: acknowledged,
    requests: latencies.length,
    failed,
    ...(failure !== undefined && { failure }),
    seconds: rounded(took, 2),
    spansPerSecond: Math.round(acknowledged / took),
    p50Millis: rounded(percentile(latencies, 0.5)),
    p99Millis: rounded(percentile(latencies, 0.99)),
    bytesPerSpan: Math.round(templates[0]!.body.length / templates[0]!.spanCount),
  };
}

function createTemplates(workload: Workload, spansPerRequest: number): readonly RequestTemplate[] {
  const make = workloads[workload];
  const spansPerTrace = make(1, 1, 0).length;
  const traces = Math.round(spansPerRequest / spansPerTrace);
  return Array.from({ length: templateCount }, (_, index) =>
    createTemplate(Buffer.from(encodeTraceRequest(make(traces, 1 + index * traces, Date.now())))),
  );
}

/** A second ago, so that nothing ends in the future; with `days`, by the progress of the load. */
function startNanos(progress: number, days: number | undefined): bigint {
  const back = 1_000 + (days === undefined ? 0 : (1 - Math.min(progress, 1)) * days * 86_400_000);
  return BigInt(Math.round(Date.now() - back)) * 1_000_000n;
}
