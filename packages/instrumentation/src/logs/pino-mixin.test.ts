import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { startSpanRecorder } from '../testing/span-recorder.ts';
import { traced } from '../traced/traced.ts';
import { pinoMixin } from './pino-mixin.ts';
import { currentTraceId } from './trace-ids.ts';

startSpanRecorder();

function logLine(write: (logger: pino.Logger) => void, mixin = pinoMixin()): Record<string, unknown> {
  const lines: string[] = [];
  write(pino({ mixin }, { write: (line) => lines.push(line) }));
  return JSON.parse(lines.join(''));
}

describe('pinoMixin', () => {
  it('adds the ids of the span that is active when the line is written', () => {
    const line = logLine((logger) =>
      traced.step('s', (span) => {
        logger.info('hello');
        expect(currentTraceId()).toBe(span.spanContext().traceId);
      }),
    );
    expect(line).toMatchObject({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      trace_flags: '01',
      msg: 'hello',
    });
  });

  it('adds nothing outside a trace', () => {
    const line = logLine((logger) => logger.info('hello'));
    expect(Object.keys(line)).toEqual(['level', 'time', 'pid', 'hostname', 'msg']);
    expect(currentTraceId()).toBeUndefined();
  });

  it('adds the name of the service if it is told', () => {
    expect(logLine((logger) => logger.info('x'), pinoMixin({ serviceName: 'memory-store' }))).toMatchObject({
      'service.name': 'memory-store',
    });
  });
});
