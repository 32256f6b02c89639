import type { LogsResponse, SpanDto, SpansResponse, TraceAnalysisDto, TraceSkeletonDto } from '@spanwise/api';
import { waitFor } from './wait-for.ts';

/** What a test reads of `/api/v1`. */
export interface ApiClient {
  skeleton(traceId: string): Promise<TraceSkeletonDto | undefined>;
  analysis(traceId: string): Promise<TraceAnalysisDto>;
  /** Every span of the trace, whole. */
  spans(traceId: string): Promise<readonly SpanDto[]>;
  logs(traceId: string): Promise<LogsResponse['logs']>;
  /** The body as text, of any path. */
  text(path: string): Promise<string>;
  /** Waits for a trace with one root, every parent, and spans of these services. */
  completeTrace(traceId: string, services: readonly string[]): Promise<readonly SpanDto[]>;
}

/** The most ids that one request takes. */
const idsPerRequest = 200;

export function createApiClient(ui: string): ApiClient {
  async function get<T>(path: string): Promise<T | undefined> {
    const response = await fetch(`${ui}${path}`);
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
  async function mustGet<T>(path: string): Promise<T> {
    const body = await get<T>(path);
    if (body === undefined) throw new Error(`${path} answered 404`);
    return body;
  }
  const client: ApiClient = {
    skeleton: (traceId) => get(`/api/v1/traces/${traceId}`),
    analysis: (traceId) => mustGet(`/api/v1/traces/${traceId}/analysis`),
    spans: async (traceId) => {
      const { spanIds } = await mustGet<TraceSkeletonDto>(`/api/v1/traces/${traceId}`);
      const unique = [...new Set(spanIds)];
      const spans: SpanDto[] = [];
      for (let from = 0; from < unique.length; from += idsPerRequest) {
        const ids = unique.slice(from, from + idsPerRequest).join(',');
        spans.push(...(await mustGet<SpansResponse>(`/api/v1/traces/${traceId}/spans?ids=${ids}`)).spans);
      }
      return spans;
    },
    logs: async (traceId) => (await mustGet<LogsResponse>(`/api/v1/traces/${traceId}/logs?limit=5000`)).logs,
    text: async (path) => {
      const response = await fetch(`${ui}${path}`);
      return response.text();
    },
    completeTrace: async (traceId, services) => {
      await waitFor(`trace ${traceId} to be complete`, async () => {
        const skeleton = await client.skeleton(traceId);
        if (skeleton === undefined) return false;
        const { rootCount, orphanCount } = await client.analysis(traceId);
        const missing = services.filter((service) => !skeleton.services.includes(service));
        if (rootCount === 1 && orphanCount === 0 && missing.length === 0) return true;
        throw new Error(`${rootCount} roots, ${orphanCount} orphans, no span of [${missing.join(', ')}]`);
      });
      return client.spans(traceId);
    },
  };
  return client;
}
