import { randomBytes } from 'node:crypto';
import type { SpanDto } from '@spanwise/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, createApiClient } from '../support/api-client.ts';
import { chat } from '../support/chat.ts';
import { type RunningSystem, startSystem } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

let system: RunningSystem;
let api: ApiClient;

beforeAll(async () => {
  system = await startSystem({ demo: true });
  api = createApiClient(system.ui);
});

afterAll(() => system?.stop());

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const question = 'How do I descale the machine?';

// At once, since each mostly waits for a model that writes at a human pace.
describe.concurrent('a request from outside', () => {
  const caller = { traceId: hex(16), spanId: hex(8) };

  it.each([
    [
      'B3 multi headers',
      caller.traceId,
      { 'X-B3-TraceId': caller.traceId, 'X-B3-SpanId': caller.spanId, 'X-B3-Sampled': '1' },
    ],
    [
      'B3 multi headers with a 64-bit trace id',
      caller.spanId.padStart(32, '0'),
      { 'X-B3-TraceId': caller.spanId, 'X-B3-SpanId': caller.spanId, 'X-B3-Sampled': '1' },
    ],
    ['the single B3 header', 'b'.repeat(32), { b3: `${'b'.repeat(32)}-${caller.spanId}-1` }],
    ['traceparent', 'a'.repeat(32), { traceparent: `00-${'a'.repeat(32)}-${caller.spanId}-01` }],
  ])('with %s continues that trace', async (_, traceId, headers) => {
    const reply = await chat(system.gateway, question, { headers });
    expect(reply).toMatchObject({ status: 200, traceId });
    const spans = await spansOfAllServices(traceId);
    const root = spans.find((span) => span.service === 'api-gateway' && span.kind === 'server');
    expect(root?.parentSpanId).toBe(caller.spanId);
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  });

  it.each([
    ['a B3 trace id that is not hex', { 'X-B3-TraceId': 'not-a-trace', 'X-B3-SpanId': caller.spanId }],
    ['a B3 trace id of zeros', { 'X-B3-TraceId': '0'.repeat(32), 'X-B3-SpanId': caller.spanId }],
    ['half of the B3 headers', { 'X-B3-TraceId': hex(16) }],
    ['a traceparent that is cut', { traceparent: `00-${hex(16)}` }],
    ['a traceparent of zeros', { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` }],
    ['an endless header', { traceparent: 'x'.repeat(4_000), 'X-B3-TraceId': 'y'.repeat(4_000) }],
  ])('with %s starts a new trace and breaks nothing', async (_, headers) => {
    const reply = await chat(system.gateway, question, { headers });
    expect(reply.status).toBe(200);
    expect(reply.answer).not.toBe('');
    expect(reply.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(Object.values(headers).join(' ')).not.toContain(reply.traceId);
    const spans = await api.completeTrace(reply.traceId, ['api-gateway', 'llm-proxy']);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
  });
});

/** The caller's own span never comes, so this trace has no root of its own. */
async function spansOfAllServices(traceId: string): Promise<readonly SpanDto[]> {
  return waitFor(`trace ${traceId} with spans of gateway and model`, async () => {
    const spans = await api.spans(traceId);
    const services = new Set(spans.map(({ service }) => service));
    return ['api-gateway', 'conversation-manager', 'llm-proxy'].every((name) => services.has(name)) && spans;
  });
}
