import { spanKinds } from '@spanwise/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatJaegerTraceId,
  jaegerErrorResponse,
  jaegerResponse,
  jaegerSpanKind,
  parseGoDuration,
  parseJaegerSpanKind,
  parseJaegerTraceId,
  parseLogfmt,
} from './index.ts';

describe('parseGoDuration', () => {
  it.each([
    ['0', 0],
    ['+0', 0],
    ['4500ns', 4_500],
    ['100ms', 100e6],
    ['1.2s', 1.2e9],
    ['.5s', 0.5e9],
    ['1.s', 1e9],
    ['500us', 500e3],
    ['500µs', 500e3],
    ['500μs', 500e3],
    ['1h30m', 5_400e9],
    ['-1.5h', -5_400e9],
    ['1.0000000009s', 1_000_000_000],
  ])('%s', (text, nanos) => {
    expect(parseGoDuration(text)).toBe(nanos);
  });

  it.each(['', '5', 's', '1 s', '1d', '--1s', '1s1', '1.2.3s', '.s', '1S', '300000000000s', 'NaNs'])(
    'refuses %j',
    (text) => {
      expect(parseGoDuration(text)).toBeUndefined();
    },
  );
});

describe('parseJaegerTraceId', () => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  it.each([
    ['hex', id, id],
    ['upper case', id.toUpperCase(), id],
    ['without leading zeros', 'af7651916cd43dd8448eb211c80319c', id],
    ['64 bits', '8448eb211c80319c', '00000000000000008448eb211c80319c'],
    ['base64', 'CvdlGRbNQ92ESOshHIAxnA==', id],
    ['base64 without padding', 'CvdlGRbNQ92ESOshHIAxnA', id],
    ['base64 with the other alphabet', '-_-_-_-_-_8=', `${'0'.repeat(16)}fbffbffbffbffbff`],
    ['base64 of 64 bits', '+/+/+/+/+/8', `${'0'.repeat(16)}fbffbffbffbffbff`],
  ])('%s', (_, text, expected) => {
    expect(parseJaegerTraceId(text)).toBe(expected);
  });

  it.each(['', '0', '0'.repeat(33), 'xyz', 'AAAAAAAAAAA=', '!!', `${id}0`])('refuses %j', (text) => {
    expect(parseJaegerTraceId(text)).toBeUndefined();
  });

  it('reads what formatJaegerTraceId writes', () => {
    const hex = fc.bigInt(1n, 2n ** 128n - 1n).map((value) => value.toString(16));
    fc.assert(
      fc.property(hex, (text) => {
        const parsed = parseJaegerTraceId(text)!; // any such number is an id
        expect(parsed).toBe(text.padStart(32, '0'));
        expect(parseJaegerTraceId(formatJaegerTraceId(parsed))).toBe(parsed);
      }),
    );
  });
});

describe('parseLogfmt', () => {
  it.each<[string, [string, string][]]>([
    ['', []],
    ['  ', []],
    ['error=true', [['error', 'true']]],
    [
      ' a=1  b.c="two words"\tc= ',
      [
        ['a', '1'],
        ['b.c', 'two words'],
        ['c', ''],
      ],
    ],
    [String.raw`say="\"hi\" \\ you"`, [['say', String.raw`"hi" \ you`]]],
    ['url=/a?b=c', [['url', '/a?b=c']]],
    [
      'a=1 a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
  ])('%j', (text, expected) => {
    expect(parseLogfmt(text)).toEqual({ ok: true, value: expected.map(([key, value]) => ({ key, value })) });
  });

  it.each([
    ['error', '"error"'],
    ['a=1 b', '"b"'],
    ['a="open', String.raw`"a=\"open"`],
    ['=x', '"=x"'],
    ['a="x"y', String.raw`"a=\"x\"y"`],
  ])('refuses %j and says where', (text, place) => {
    expect(parseLogfmt(text)).toEqual({ ok: false, message: `expected key=value at ${place}` });
  });
});

describe('span kinds', () => {
  it('has no name for an unspecified kind, and reads every name back', () => {
    expect(jaegerSpanKind(spanKinds.unspecified)).toBe('');
    for (const kind of Object.values(spanKinds)) expect(parseJaegerSpanKind(jaegerSpanKind(kind))).toBe(kind);
    expect(parseJaegerSpanKind('SERVER')).toBe(spanKinds.server);
    expect(parseJaegerSpanKind('caller')).toBeUndefined();
  });
});

describe('the envelope', () => {
  it('has null errors when there are none', () => {
    expect(jaegerResponse(['a'], { total: 1 })).toEqual({
      data: ['a'],
      total: 1,
      limit: 0,
      offset: 0,
      errors: null,
    });
    expect(jaegerResponse([], { errors: [{ msg: 'trace not found', traceID: 'abc' }] }).errors).toHaveLength(
      1,
    );
  });

  it('says an error as plain text that is JSON', () => {
    const { status, contentType, body } = jaegerErrorResponse(404, 'trace not found');
    expect([status, contentType]).toEqual([404, 'text/plain; charset=utf-8']);
    expect(body).toBe(
      '{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":404,"msg":"trace not found"}]}\n',
    );
  });
});
