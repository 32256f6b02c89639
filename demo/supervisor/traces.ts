import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** What we read of `/api/v1/traces/{id}`. */
const skeletonShape = z.object({
  version: z.string(),
  durationNanos: z.number(),
  services: z.array(z.string()),
});

/** What we read of `/api/v1/traces/{id}/analysis`. */
const analysisShape = z.object({
  version: z.string(),
  rootCount: z.number(),
  orphanCount: z.number(),
  byService: z.array(z.object({ service: z.string().optional(), nanos: z.number(), share: z.number() })),
  bottleneck: z.object({ service: z.string(), name: z.string(), nanos: z.number() }).optional(),
  usage: z.object({ modelCalls: z.number(), inputTokens: z.number(), outputTokens: z.number() }),
});

export interface FinishedTrace {
  readonly durationNanos: number;
  readonly services: readonly string[];
  readonly analysis: z.infer<typeof analysisShape>;
}

/** The trace was not complete in time; the message says what was missing. */
export class IncompleteTraceError extends Error {
  override readonly name = 'IncompleteTraceError';
}

const pollMillis = 200;
/** Spans of one trace come from six batching exporters: a trace that has not grown for this long has all of them. */
const quietMillis = 600;

/**
 * Waits until the trace has one root, every parent, and spans of `expectedServices`, and no longer grows.
 * Errors: `IncompleteTraceError` after `timeoutMillis`.
 */
export async function waitForTrace(
  uiUrl: string,
  traceId: string,
  expectedServices: readonly string[],
  timeoutMillis: number,
): Promise<FinishedTrace> {
  const deadline = performance.now() + timeoutMillis;
  let version = '';
  let unchangedSince = 0;
  for (;;) {
    const trace = await readTrace(uiUrl, traceId);
    const problem = trace === undefined ? 'nothing of it is stored' : findProblem(trace, expectedServices);
    const now = performance.now();
    if (trace?.analysis.version !== version) {
      version = trace?.analysis.version ?? '';
      unchangedSince = now;
    }
    if (trace !== undefined && problem === undefined && now - unchangedSince >= quietMillis) return trace;
    if (now > deadline) {
      const what = problem ?? 'it still grows';
      throw new IncompleteTraceError(
        `trace ${traceId} is not complete after ${timeoutMillis / 1000} s: ${what}`,
      );
    }
    await delay(pollMillis);
  }
}

function findProblem(trace: FinishedTrace, expectedServices: readonly string[]): string | undefined {
  const { rootCount, orphanCount } = trace.analysis;
  if (rootCount !== 1) return `${rootCount} roots`;
  if (orphanCount > 0) return `${orphanCount} spans whose parent is missing`;
  const missing = expectedServices.filter((service) => !trace.services.includes(service));
  return missing.length === 0 ? undefined : `no span of ${missing.join(', ')}`;
}

async function readTrace(uiUrl: string, traceId: string): Promise<FinishedTrace | undefined> {
  const url = `${uiUrl}/api/v1/traces/${traceId}`;
  const [skeleton, analysis] = await Promise.all([get(url), get(`${url}/analysis`)]);
  if (skeleton === undefined || analysis === undefined) return undefined;
  const { durationNanos, services } = skeletonShape.parse(skeleton);
  return { durationNanos, services, analysis: analysisShape.parse(analysis) };
}

async function get(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (response.status === 404) return undefined;
  if (!response.ok)
    throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
  return response.json();
}
