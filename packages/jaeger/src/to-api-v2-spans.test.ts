import { type AttributeValue, type Span, spanKinds, traceId, unixNano } from '@spanwise/model';
import { drawTrace, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toApiV2Spans, traceIdOfBytes } from './index.ts';

const [drawn] = drawTrace('web  GET /  |==|').spans;
const convert = (change: Partial<Span>) => toApiV2Spans([{ ...drawn!, ...change }])[0]!;

describe('toApiV2Spans', () => {
  it.each<[string, AttributeValue, object]>([
    ['text', 'a', { vType: 'STRING', vStr: 'a' }],
    ['a truth value', false, { vType: 'BOOL', vBool: false }],
    ['the least int64', -(2n ** 63n), { vType: 'INT64', vInt64: '-9223372036854775808' }],
    ['a double', 72.5, { vType: 'FLOAT64', vFloat64: 72.5 }],
    ['no number', Number.NaN, { vType: 'FLOAT64', vFloat64: Number.NaN }],
    ['bytes', new Uint8Array([0, 255]), { vType: 'BINARY', vBinary: new Uint8Array([0, 255]) }],
    ['nothing', undefined, { vType: 'STRING', vStr: '' }],
    ['an array', ['a', 1n], { vType: 'STRING', vStr: '["a",1]' }],
    ['a map', new Map([['k', true]]), { vType: 'STRING', vStr: '{"k":true}' }],
  ])('makes a tag of %s', (_, value, expected) => {
    expect(convert({ attributes: new Map([['k', value]]), kind: spanKinds.unspecified }).tags).toEqual([
      { key: 'k', ...expected },
    ]);
  });

  it('keeps nanoseconds', () => {
    const span = convert({
      startTimeUnixNano: unixNano(1_795_399_899_123_456_789n),
      durationNanos: 2_000_000_001,
    });
    expect(span.startTime).toEqual({ seconds: '1795399899', nanos: 123_456_789 });
    expect(span.duration).toEqual({ seconds: '2', nanos: 1 });
  });

  it('passes warnings on', () => {
    expect(convert({ warnings: ['cut'] }).warnings).toEqual(['cut']);
  });

  it('keeps every span, with ids of full length and the parent first, whatever the trace', () => {
    fc.assert(
      fc.property(traceArbitrary, ({ spans }) => {
        const converted = toApiV2Spans(spans);
        expect(converted).toHaveLength(spans.length);
        for (const [index, span] of spans.entries()) {
          const { traceId: id, spanId, references } = converted[index]!;
          expect([id.length, spanId.length]).toEqual([16, 8]);
          expect(Buffer.from(spanId).toString('hex')).toBe(span.spanId);
          expect(references).toHaveLength(span.links.length + (span.parentSpanId === undefined ? 0 : 1));
          if (span.parentSpanId !== undefined) {
            expect(Buffer.from(references[0]!.spanId).toString('hex')).toBe(span.parentSpanId);
          }
        }
      }),
    );
  });
});

describe('traceIdOfBytes', () => {
  const long = '5b8efff798038103d269b633813fc60c';
  it.each([
    [long, traceId(long)],
    ['00000000000000ab', traceId('ab'.padStart(32, '0'))],
    ['', undefined],
    ['ab', undefined],
    ['00'.repeat(16), undefined],
    [`${long}00`, undefined],
  ])('%s', (hex, id) => {
    expect(traceIdOfBytes(Uint8Array.from(Buffer.from(hex, 'hex')))).toBe(id);
  });
});
