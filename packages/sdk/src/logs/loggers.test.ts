import { context, logs, SeverityNumber, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { beforeEach, describe, expect, it } from 'vitest';
import winston from 'winston';
import { tracedConsole } from './traced-console.ts';
import { winstonFormat, winstonStream } from './winston-stream.ts';

const CANARY = 'canary-77f0';

const exporter = new InMemoryLogRecordExporter();
logs.setGlobalLoggerProvider(
  new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }),
);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const tracer = new TracerProvider().getTracer('t');

const lines: string[] = [];
const output = { write: (line: string) => lines.push(line) };
beforeEach(() => {
  lines.length = 0;
  exporter.reset();
});

const { combine, errors, json, timestamp } = winston.format;
const logger = winston.createLogger({
  level: 'silly',
  format: combine(errors({ stack: true }), winstonFormat({ serviceName: 'shop' }), timestamp(), json()),
  transports: [new winston.transports.Stream({ stream: winstonStream({ output }) })],
});
const plain = tracedConsole({ output, serviceName: 'shop' });

class ToolBroke extends Error {}

/** Writes in a span, and gives its id. */
function inSpan(write: () => void): string {
  return tracer.startActiveSpan('s', (span) => {
    write();
    span.end();
    return span.spanContext().spanId;
  });
}

describe.each([
  [
    'winston',
    { info: () => logger.info('served', { rows: 3 }), fail: () => logger.error(new ToolBroke(CANARY)) },
  ],
  [
    'console',
    { info: () => plain.info('served'), fail: () => plain.error('failed:', new ToolBroke(CANARY)) },
  ],
])('a line of %s', (name, write) => {
  it('has the ids of its span, and so has its record', () => {
    const spanId = inSpan(write.info);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      span_id: spanId,
      trace_flags: '01',
      'service.name': 'shop',
    });
    const [record] = exporter.getFinishedLogRecords();
    expect(record).toMatchObject({
      body: 'served',
      severityNumber: SeverityNumber.INFO,
      spanContext: { spanId },
      attributes: name === 'winston' ? { rows: 3 } : {},
    });
    expect(Math.abs((record?.hrTime[0] ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  it('tells an error by type and frames', () => {
    write.fail();
    const [record] = exporter.getFinishedLogRecords();
    expect(record).toMatchObject({
      severityNumber: SeverityNumber.ERROR,
      attributes: {
        'exception.type': expect.stringMatching(/Error|ToolBroke/),
        'exception.stacktrace': expect.stringContaining('loggers.test.ts'),
      },
    });
    expect(JSON.stringify([record?.body, record?.attributes])).not.toContain(CANARY);
    expect(lines.join('')).not.toContain(CANARY);
  });

  it('outside of a trace has none', () => {
    write.info();
    expect(lines[0]).not.toContain('trace_id');
  });
});

describe('a line with an error inside', () => {
  it('loses content keys and texts wherever they stand', () => {
    const err = new ToolBroke(CANARY, { cause: new Error(CANARY) });
    logger.warn(`tool failed: ${CANARY}`, {
      err,
      'gen_ai.input.messages': CANARY,
      deep: { gen_ai: { prompt: CANARY } },
    });
    logger.error('several', { 'gen_ai.tool.call.arguments': { text: CANARY } });
    // winston appends the text of an error in `meta.message` to the line's own message: it is not ours to know.
    for (const line of lines.slice(1)) expect(line).not.toContain(CANARY);
    for (const { attributes } of exporter.getFinishedLogRecords()) {
      expect(JSON.stringify(attributes)).not.toContain(CANARY);
    }
  });
});

describe('console', () => {
  it('finds content and errors in objects', () => {
    plain.warn('tool', 7, { err: new ToolBroke(CANARY), 'gen_ai.tool.call.result': CANARY, rows: 3n });
    expect(lines.join('')).not.toContain(CANARY);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', msg: 'tool 7', args: [{ rows: '3' }] });
  });

  it('never throws', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    plain.log('before', cycle, {
      get broken(): string {
        throw new Error(CANARY);
      },
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'before' });
  });
});

it.each([
  ['silly', SeverityNumber.TRACE],
  ['debug', SeverityNumber.DEBUG],
  ['verbose', SeverityNumber.DEBUG],
  ['http', SeverityNumber.INFO],
  ['info', SeverityNumber.INFO],
  ['warn', SeverityNumber.WARN],
  ['error', SeverityNumber.ERROR],
])('winston’s %s is severity %i', (level, severity) => {
  logger.log(level, 'x');
  expect(exporter.getFinishedLogRecords()[0]?.severityNumber).toBe(severity);
  expect(trace.getActiveSpan()).toBeUndefined();
});
