import { unixNano } from '@spanwise/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOfLine } from './record-of-line.ts';

const defaults = { service: 'unknown', receivedAt: unixNano(1_800_000_000_000_000_000n) };
const traceId = '5b8efff798038103d269b633813fc60c';
const spanId = 'eee19b7ec3c1b174';

describe('a printed line', () => {
  it.each([
    [
      'pino',
      `{"level":50,"time":1795344867123,"pid":7,"msg":"no","trace_id":"${traceId}","span_id":"${spanId}","trace_flags":"01"}`,
      {
        timeUnixNano: 1_795_344_867_123_000_000n,
        severityNumber: 17,
        severityText: 'error',
        body: 'no',
        traceId,
        spanId,
        flags: 1,
        attributes: new Map([['pid', 7n]]),
      },
    ],
    [
      'winston',
      '{"level":"warn","message":"slow","timestamp":"2026-11-22T10:54:27.001Z","service":"tools","ms":12.5}',
      {
        timeUnixNano: 1_795_344_867_001_000_000n,
        severityNumber: 13,
        body: 'slow',
        attributes: new Map([['ms', 12.5]]),
      },
    ],
    [
      'Python',
      `{"levelname":"CRITICAL","message":"gone","ts":1795344867.25,"traceId":"${traceId.toUpperCase()}"}`,
      { timeUnixNano: 1_795_344_867_250_000_000n, severityNumber: 21, severityText: 'CRITICAL', traceId },
    ],
    [
      'Go (slog)',
      '{"time":"2026-11-22T10:54:27Z","level":"INFO","msg":"up","user":{"id":1,"tags":["a",null]}}',
      {
        severityNumber: 9,
        attributes: new Map([
          [
            'user',
            new Map<string, unknown>([
              ['id', 1n],
              ['tags', ['a', undefined]],
            ]),
          ],
        ]),
      },
    ],
    ['plain text', 'listening on 8080\r', { body: 'listening on 8080', severityNumber: 0 }],
    ['half a JSON line', '{"level":', { body: '{"level":' }],
    ['microseconds', '{"time":1795344867123456}', { timeUnixNano: 1_795_344_867_123_456_000n }],
    ['a time that is none', '{"time":"soon","msg":"x"}', { timeUnixNano: defaults.receivedAt }],
    ['ids that are none', '{"trace_id":"zz","msg":"x"}', { attributes: new Map([['trace_id', 'zz']]) }],
  ])('of %s becomes a record', (_, line, expected) => {
    expect(recordOfLine(line, defaults)).toMatchObject(expected);
  });

  it('names its service, or has the one of its sender', () => {
    expect(recordOfLine('{"service.name":"a"}', defaults)?.resource.serviceName).toBe('a');
    expect(recordOfLine('x', defaults)?.resource.serviceName).toBe('unknown');
  });

  it('is nothing when it is blank', () => expect(recordOfLine('  \t', defaults)).toBeUndefined());

  it('may be anything', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void recordOfLine(line, defaults)));
    expect(recordOfLine('{"__proto__":{"x":1},"constructor":2}', defaults)?.attributes).toBeInstanceOf(Map);
  });
});
