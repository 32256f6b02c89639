import { logs, SeverityNumber } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { pinoDestination } from './pino-destination.ts';
import { severityOf } from './severity.ts';

const CANARY = 'canary-0815';
const TRACE_ID = '80f198ee56343ba864fe8b2a57d3eff7';
const SPAN_ID = 'e457b5a2e4d86bd1';

const exporter = new InMemoryLogRecordExporter();
logs.setGlobalLoggerProvider(
  new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }),
);
let written: string[] = [];
beforeEach(() => {
  exporter.reset();
  written = [];
});
const output = { write: (line: string) => written.push(line) };

function log(write: (logger: pino.Logger) => void, options: pino.LoggerOptions = {}) {
  write(pino({ level: 'trace', ...options }, pinoDestination({ output })));
  return { line: JSON.parse(written[0] ?? '{}'), record: exporter.getFinishedLogRecords()[0] };
}

/** Everything that left: the lines and the records. */
const everything = () =>
  written.join('') +
  JSON.stringify(
    exporter
      .getFinishedLogRecords()
      .map(({ body, attributes, severityText }) => ({ body, attributes, severityText })),
  );

describe('a line', () => {
  it('goes on as it came, and becomes a record with the context that it names', () => {
    const fields = {
      trace_id: TRACE_ID,
      span_id: SPAN_ID,
      trace_flags: '01',
      tool: 'calculator',
      took: { millis: 12.5 },
      tags: ['a', 'b'],
    };
    const { line, record } = log((logger) => logger.info(fields, 'called'));
    expect(line).toMatchObject({ ...fields, msg: 'called', level: 30 });
    expect(record).toMatchObject({
      body: 'called',
      severityNumber: SeverityNumber.INFO,
      severityText: 'info',
      attributes: { tool: 'calculator', 'took.millis': 12.5, tags: ['a', 'b'] },
    });
    expect(record?.spanContext).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 });
    expect(Object.keys(record?.attributes ?? {})).toEqual(['tool', 'took.millis', 'tags']);
  });

  it('without ids, or with broken ones, belongs to no trace', () => {
    expect(log((logger) => logger.info('x')).record?.spanContext).toBeUndefined();
    exporter.reset();
    expect(
      log((logger) => logger.info({ trace_id: 'oops', span_id: SPAN_ID }, 'x')).record?.spanContext,
    ).toBeUndefined();
  });

  it('that is no JSON is only written', () => {
    pinoDestination({ output }).write('plain text\n');
    expect(written).toEqual(['plain text\n']);
    expect(exporter.getFinishedLogRecords()).toEqual([]);
  });

  it('with a date for its time and a name for its level', () => {
    const { record } = log((logger) => logger.warn('x'), {
      timestamp: () => ',"time":"2026-11-23T01:00:00.000Z"',
      formatters: { level: (label) => ({ level: label }) },
    });
    expect(record?.hrTime[0]).toBe(Date.parse('2026-11-23T01:00:00Z') / 1000);
    expect(record?.severityNumber).toBe(SeverityNumber.WARN);
  });
});

describe('severity', () => {
  it.each([
    [10, SeverityNumber.TRACE],
    [20, SeverityNumber.DEBUG],
    [30, SeverityNumber.INFO],
    [35, SeverityNumber.INFO],
    [40, SeverityNumber.WARN],
    [50, SeverityNumber.ERROR],
    [60, SeverityNumber.FATAL],
    [5, undefined],
    ['ERROR', SeverityNumber.ERROR],
    ['custom', undefined],
    [undefined, undefined],
  ])('of %s', (level, expected) => expect(severityOf(level)?.number).toBe(expected));
});

class ToolBroke extends Error {
  override name = 'ToolBroke';
  readonly code = 'tool_broke';
  readonly response = { body: CANARY };
}

describe('what a line must not hold', () => {
  it.each<[string, (logger: pino.Logger) => void]>([
    ['an error alone', (logger) => logger.error(new ToolBroke(CANARY))],
    [
      'an error with a message of several lines',
      (logger) => logger.error(new ToolBroke(`a\n    at ${CANARY} (/x:1:1)\nb`)),
    ],
    [
      'an error with a cause',
      (logger) => logger.error(new ToolBroke(`told ${CANARY}`, { cause: new Error(CANARY) })),
    ],
    [
      'an error and a message that quotes it',
      (logger) => {
        const error = new ToolBroke(CANARY);
        logger.error(error, `failed: ${error.message}`);
      },
    ],
    ['an error in a field', (logger) => logger.warn({ err: new ToolBroke(CANARY), attempt: 2 }, 'failed')],
    [
      'an error deep in a field',
      (logger) => logger.warn({ a: { b: [pino.stdSerializers.err(new ToolBroke(CANARY))] } }, 'failed'),
    ],
    ['a content key', (logger) => logger.info({ 'gen_ai.input.messages': CANARY }, 'x')],
    [
      'a content key deep in a field',
      (logger) => logger.info({ a: { gen_ai: 1, 'llm.prompts.0': CANARY } }, 'x'),
    ],
    ['a content key by its path', (logger) => logger.info({ gen_ai: { output: { messages: CANARY } } }, 'x')],
    ['a URL', (logger) => logger.info({ req: { method: 'GET', url: `/find?q=${CANARY}` } }, 'x')],
  ])('%s', (_, write) => {
    log(write);
    expect(written).toHaveLength(1);
    expect(everything()).not.toContain(CANARY);
  });

  it('and what of an error stays', () => {
    const { line, record } = log((logger) => logger.error(new ToolBroke(CANARY)));
    expect(line.msg).toBe('ToolBroke');
    expect(line.err).toEqual({
      type: 'ToolBroke',
      code: 'tool_broke',
      stack: expect.stringMatching(/^ {4}at .*pino-destination\.test\.ts/),
    });
    expect(record?.attributes).toMatchObject({ 'exception.type': 'ToolBroke', 'error.type': 'tool_broke' });
  });
});
