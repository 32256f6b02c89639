import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeTraceRequest } from '@spanwise/otlp';
import { agentWorkload } from '../agent-workload.ts';
import { percentile, rounded } from '../measure/percentile.ts';
import type { Target } from '../targets/target.ts';
import { createTemplate, freshRequest } from './request-template.ts';
import { createSender } from './senders.ts';

/** How long until a trace that was acknowledged is found by its id, asked every 10 ms. */
export interface ProbeResult {
  readonly probes: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
}

/** Sends single traces, one at a time, until `signal` says that it is enough. */
export async function probeSearchable(target: Target, signal: AbortSignal): Promise<ProbeResult> {
  const sender = createSender('http', target.otlpHttp, false);
  const template = createTemplate(Buffer.from(encodeTraceRequest(agentWorkload(1, 1, Date.now()))));
  const waits: number[] = [];
  while (!signal.aborted) {
    const body = freshRequest(template, BigInt(Date.now() - 1_000) * 1_000_000n, randomBytes(24));
    const at = template.traceIds[0]!;
    const id = body.toString('hex', at, at + 16);
    try {
      await sender.send(body);
    } catch {
      await delay(100);
      continue;
    }
    const acknowledged = performance.now();
    while (!(await isFound(target, id))) await delay(10);
    waits.push(performance.now() - acknowledged);
    await delay(50);
  }
  sender.close();
  return {
    probes: waits.length,
    p50Millis: rounded(percentile(waits, 0.5)),
    p99Millis: rounded(percentile(waits, 0.99)),
  };
}

async function isFound(target: Target, id: string): Promise<boolean> {
  const response = await fetch(`${target.query}/api/traces/${id}`);
  await response.arrayBuffer();
  return response.ok;
}
