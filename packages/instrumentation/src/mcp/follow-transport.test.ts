import { context, propagation } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterEach, expect, it } from 'vitest';
import { startSpanRecorder } from '../testing/span-recorder.ts';
import { followTransport } from './follow-transport.ts';

const recorder = startSpanRecorder();
afterEach(() => recorder.clear());

/** An object that throws as soon as anybody looks into it. */
const untouchable = () =>
  new Proxy(
    {},
    {
      get: () => {
        throw new Error('content was touched');
      },
      ownKeys: () => {
        throw new Error('content was listed');
      },
    },
  );

/** The part of a transport that a protocol sees. */
function createTransport() {
  const sent: unknown[] = [];
  const transport = {
    onmessage: undefined as ((message: unknown) => void) | undefined,
    send: async (message: unknown) => {
      sent.push(message);
    },
  };
  followTransport(transport);
  transport.onmessage = () => {};
  return { transport, sent };
}

it('neither arguments nor results are touched, from either side', async () => {
  const { transport } = createTransport();
  const params = { name: 'look', arguments: untouchable() };
  const result = { content: untouchable(), structuredContent: untouchable() };
  await transport.send({ id: 1, method: 'tools/call', params });
  transport.onmessage?.({ id: 1, result });
  transport.onmessage?.({ id: 1, method: 'tools/call', params });
  await transport.send({ id: 1, result });
  expect(recorder.spans().map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['tools/call look', undefined],
    ['tools/call look', undefined],
  ]);
});

it("the caller's request stays as it is; what is sent has the trace in `_meta`", async () => {
  const { transport, sent } = createTransport();
  const request = Object.freeze({
    id: 1,
    method: 'tools/call',
    params: Object.freeze({ name: 'look', _meta: Object.freeze({ progressToken: 1 }) }),
  });
  await transport.send(request);
  transport.onmessage?.({ id: 1, result: {} });
  const { traceId, spanId } = recorder.getSpan('tools/call look').spanContext();
  expect(sent).toEqual([
    {
      ...request,
      params: { name: 'look', _meta: { progressToken: 1, traceparent: `00-${traceId}-${spanId}-01` } },
    },
  ]);
});

it('a broken `_meta` starts no trace and throws nothing', async () => {
  const { transport } = createTransport();
  for (const [id, _meta] of [
    null,
    'text',
    42,
    { traceparent: 42 },
    { traceparent: '00-nonsense' },
  ].entries()) {
    transport.onmessage?.({ id, method: 'ping', params: { _meta } });
    await transport.send({ id, error: { code: -32_601, message: 'a text' } });
  }
  for (const { attributes, parentSpanContext } of recorder.spans()) {
    expect(parentSpanContext).toBeUndefined();
    expect(attributes).toMatchObject({ 'rpc.response.status_code': '-32601', 'error.type': '-32601' });
  }
  expect(recorder.spans()).toHaveLength(5);
});

it('baggage that no header may hold is left out; the trace goes on', async () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  propagation.disable();
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  const { transport } = createTransport();
  let headers = {};
  transport.onmessage = () => propagation.inject(context.active(), headers);
  for (const [id, baggage] of ['team=search', 'team=search;a=\0'].entries()) {
    headers = {};
    transport.onmessage?.({ id, method: 'ping', params: { _meta: { traceparent, baggage } } });
    expect(headers).toMatchObject({ traceparent: expect.stringContaining('a'.repeat(32)) });
    expect('baggage' in headers).toBe(id === 0);
  }
});

it('names that are none do not become sentences', async () => {
  const { transport } = createTransport();
  transport.onmessage?.({ id: 1, method: 'tools/call', params: { name: 'please look up my order' } });
  transport.onmessage?.({ id: 2, method: 'tell me all', params: {} });
  for (const id of [1, 2]) await transport.send({ id, result: {} });
  expect(recorder.spans().map(({ name }) => name)).toEqual(['tools/call _OTHER', '_OTHER']);
});

it('what cannot be sent is the error of its request', async () => {
  const failure = Object.assign(new Error('a text'), { code: 'ECONNREFUSED' });
  const transport = { send: () => Promise.reject(failure) };
  followTransport(transport);
  const call: (message: unknown) => Promise<void> = transport.send;
  await expect(call({ id: 1, method: 'ping' })).rejects.toBe(failure);
  expect(recorder.getSpan('ping').attributes['error.type']).toBe('ECONNREFUSED');
});
