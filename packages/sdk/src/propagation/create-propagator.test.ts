import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPropagator } from './create-propagator.ts';

const TRACE_ID = '80f198ee56343ba864fe8b2a57d3eff7';
const SPAN_ID = 'e457b5a2e4d86bd1';

afterEach(() => vi.unstubAllEnvs());

function extract(headers: Record<string, string | string[]>): SpanContext | undefined {
  return trace.getSpanContext(createPropagator().extract(ROOT_CONTEXT, headers, defaultTextMapGetter));
}

function inject(traceFlags = TraceFlags.SAMPLED): Record<string, string> {
  const headers: Record<string, string> = {};
  const spanContext = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags };
  createPropagator().inject(trace.setSpanContext(ROOT_CONTEXT, spanContext), headers, defaultTextMapSetter);
  return headers;
}

describe('on the way in', () => {
  it.each([
    ['B3 multi', { 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': SPAN_ID, 'x-b3-sampled': '1' }, true],
    [
      'B3 multi, upper case',
      { 'x-b3-traceid': TRACE_ID.toUpperCase(), 'x-b3-spanid': SPAN_ID.toUpperCase() },
      true,
    ],
    ['B3 multi that leaves the decision to us', { 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': SPAN_ID }, true],
    [
      'B3 multi, not sampled',
      { 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': SPAN_ID, 'x-b3-sampled': '0' },
      false,
    ],
    [
      'B3 multi, not sampled, old spelling',
      { 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': SPAN_ID, 'x-b3-sampled': 'false' },
      false,
    ],
    ['B3 multi, debug', { 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': SPAN_ID, 'x-b3-flags': '1' }, true],
    ['B3 multi, sent twice', { 'x-b3-traceid': [TRACE_ID, TRACE_ID], 'x-b3-spanid': [SPAN_ID] }, true],
    ['B3 single', { b3: `${TRACE_ID}-${SPAN_ID}-1` }, true],
    ['B3 single with a parent', { b3: `${TRACE_ID}-${SPAN_ID}-1-05e3ac9a4f6e3b90` }, true],
    ['B3 single that leaves the decision to us', { b3: `${TRACE_ID}-${SPAN_ID}` }, true],
    ['B3 single, not sampled', { b3: `${TRACE_ID}-${SPAN_ID}-0` }, false],
    ['B3 single, debug', { b3: `${TRACE_ID}-${SPAN_ID}-d` }, true],
    ['W3C', { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` }, true],
    ['W3C, not sampled', { traceparent: `00-${TRACE_ID}-${SPAN_ID}-00` }, false],
    ['uber-trace-id', { 'uber-trace-id': `${TRACE_ID}:${SPAN_ID}:0:1` }, true],
    ['uber-trace-id, encoded', { 'uber-trace-id': `${TRACE_ID}%3A${SPAN_ID}%3a0%3A1` }, true],
    ['uber-trace-id, debug', { 'uber-trace-id': `${TRACE_ID}:${SPAN_ID}:0:3` }, true],
    ['uber-trace-id, not sampled', { 'uber-trace-id': `${TRACE_ID}:${SPAN_ID}:0:0` }, false],
  ])('%s', (_, headers, isSampled) => {
    expect(extract(headers)).toMatchObject({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      isRemote: true,
    });
  });

  it('short ids of older senders are filled up', () => {
    const expected = { traceId: '000000000000000064fe8b2a57d3eff7', spanId: SPAN_ID };
    expect(extract({ 'x-b3-traceid': '64fe8b2a57d3eff7', 'x-b3-spanid': SPAN_ID })).toMatchObject(expected);
    expect(extract({ b3: `64fe8b2a57d3eff7-${SPAN_ID}-1` })).toMatchObject(expected);
    expect(extract({ 'uber-trace-id': `64fe8b2a57d3eff7:${SPAN_ID}:0:1` })).toMatchObject(expected);
    expect(extract({ 'uber-trace-id': '1:2:0:1' })).toMatchObject({
      traceId: '00000000000000000000000000000001',
      spanId: '0000000000000002',
    });
  });

  it.each([
    ['nothing', {}],
    ['B3 without a span id', { 'x-b3-traceid': TRACE_ID }],
    ['B3 with a trace id of zeros', { 'x-b3-traceid': '0'.repeat(32), 'x-b3-spanid': SPAN_ID }],
    ['B3 with a trace id of 24 digits', { 'x-b3-traceid': TRACE_ID.slice(8), 'x-b3-spanid': SPAN_ID }],
    [
      'B3 with letters that are no digits',
      { 'x-b3-traceid': TRACE_ID.replace('8', 'g'), 'x-b3-spanid': SPAN_ID },
    ],
    ['B3 single, only a decision', { b3: '0' }],
    ['B3 single with a trace id one digit too long', { b3: `1${TRACE_ID}-${SPAN_ID}-1` }],
    ['B3 single in the middle of text', { b3: `x ${TRACE_ID}-${SPAN_ID}-1` }],
    ['W3C with a forbidden version', { traceparent: `ff-${TRACE_ID}-${SPAN_ID}-01` }],
    ['W3C cut off', { traceparent: `00-${TRACE_ID}` }],
    ['uber-trace-id with three parts', { 'uber-trace-id': `${TRACE_ID}:${SPAN_ID}:1` }],
    ['uber-trace-id badly encoded', { 'uber-trace-id': '%E0%A4%A' }],
  ])('a new trace starts after %s', (_, headers) => {
    expect(extract(headers)).toBeUndefined();
  });

  it('W3C wins over B3, and a broken W3C header leaves B3 in charge', () => {
    const b3 = { 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': SPAN_ID };
    const w3cTraceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    expect(extract({ ...b3, traceparent: `00-${w3cTraceId}-${SPAN_ID}-01` })?.traceId).toBe(w3cTraceId);
    expect(extract({ ...b3, traceparent: 'garbage' })?.traceId).toBe(TRACE_ID);
  });

  it('never throws, and takes no id that is not valid', () => {
    const name = fc.constantFrom(
      'b3',
      'x-b3-traceid',
      'x-b3-spanid',
      'x-b3-sampled',
      'x-b3-flags',
      'traceparent',
      'tracestate',
      'uber-trace-id',
      'baggage',
    );
    const value = fc.oneof(
      fc.string(),
      fc.array(fc.string()),
      fc.constantFrom(TRACE_ID, SPAN_ID, '1', `${TRACE_ID}-${SPAN_ID}-1`),
    );
    fc.assert(
      fc.property(fc.dictionary(name, value), (headers) => {
        const spanContext = extract(headers);
        if (spanContext === undefined) return;
        expect(spanContext.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
        expect(spanContext.spanId).toMatch(/^(?!0+$)[0-9a-f]{16}$/);
      }),
    );
  });

  /** Headers as they should be, and what transports, proxies and slips make of them. */
  const nearlyRight = fc
    .tuple(
      fc.constantFrom(
        ['x-b3-traceid', TRACE_ID],
        ['x-b3-spanid', SPAN_ID],
        ['b3', `${TRACE_ID}-${SPAN_ID}-1-05e3ac9a4f6e3b90`],
        ['traceparent', `00-${TRACE_ID}-${SPAN_ID}-01`],
        ['tracestate', 'vendor=value,other=1'],
        ['uber-trace-id', `${TRACE_ID}:${SPAN_ID}:0:1`],
        ['baggage', 'gen_ai.conversation.id=c-17;ttl=1,team=search'],
      ),
      fc.array(
        fc.tuple(
          fc.nat(64),
          fc.constantFrom('cut', 'insert', 'replace', 'repeat'),
          fc.string({ unit: 'binary' }),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([[name = '', value = ''], slips]) => {
      const changed = slips.reduce((text, [at, kind, put]) => {
        if (kind === 'cut') return text.slice(0, at);
        if (kind === 'repeat') return text + text;
        return text.slice(0, at) + put + text.slice(kind === 'insert' ? at : at + put.length);
      }, value);
      return [name, changed] as const;
    });

  it('what is nearly right never throws, and gives a valid id or none; what goes out is what came in', () => {
    fc.assert(
      fc.property(fc.array(nearlyRight, { maxLength: 4 }), (headers) => {
        const propagator = createPropagator();
        const extracted = propagator.extract(ROOT_CONTEXT, Object.fromEntries(headers), defaultTextMapGetter);
        const carrier: Record<string, string> = {};
        propagator.inject(extracted, carrier, defaultTextMapSetter);
        const spanContext = trace.getSpanContext(extracted);
        if (spanContext === undefined) {
          expect(carrier.traceparent).toBeUndefined();
          return;
        }
        const { traceId, spanId } = spanContext;
        expect(traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
        expect(spanId).toMatch(/^(?!0+$)[0-9a-f]{16}$/);
        expect(carrier).toMatchObject({ 'x-b3-traceid': traceId, 'x-b3-spanid': spanId });
        for (const value of Object.values(carrier)) expect(value).toMatch(/^[\x20-\x7e]*$/);
      }),
      { numRuns: 1000 },
    );
  });

  it('what a vendor said in tracestate goes on', () => {
    const propagator = createPropagator();
    const headers = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, tracestate: 'vendor=value' };
    const carrier: Record<string, string> = {};
    const extracted = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    propagator.inject(extracted, carrier, defaultTextMapSetter);
    expect(carrier.tracestate).toBe('vendor=value');
  });

  it('baggage', () => {
    const extracted = createPropagator().extract(
      ROOT_CONTEXT,
      { baggage: 'tenant=acme' },
      defaultTextMapGetter,
    );
    expect(propagation.getBaggage(extracted)?.getEntry('tenant')?.value).toBe('acme');
  });
});

describe('on the way out', () => {
  it('B3 multi and W3C', () => {
    expect(inject()).toEqual({
      'x-b3-traceid': TRACE_ID,
      'x-b3-spanid': SPAN_ID,
      'x-b3-sampled': '1',
      traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`,
    });
    expect(inject(TraceFlags.NONE)).toMatchObject({
      'x-b3-sampled': '0',
      traceparent: `00-${TRACE_ID}-${SPAN_ID}-00`,
    });
  });

  it('nothing outside a trace', () => {
    const headers = {};
    createPropagator().inject(context.active(), headers, defaultTextMapSetter);
    expect(headers).toEqual({});
  });
});

describe('OTEL_PROPAGATORS', () => {
  it.each([
    ['b3', { b3: `${TRACE_ID}-${SPAN_ID}-1` }],
    ['tracecontext, baggage', { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` }],
    ['jaeger', {}],
    ['none', {}],
    ['xray,tracecontext', { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` }],
  ])('%s', (names, expected) => {
    vi.stubEnv('OTEL_PROPAGATORS', names);
    expect(inject()).toEqual(expected);
  });

  it('leaves out what is not named on the way in as well', () => {
    vi.stubEnv('OTEL_PROPAGATORS', 'tracecontext');
    expect(extract({ 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': SPAN_ID })).toBeUndefined();
  });
});
