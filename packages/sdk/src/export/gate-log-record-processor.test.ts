import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { describe, expect, it } from 'vitest';
import { GateLogRecordProcessor } from './gate-log-record-processor.ts';

const CANARY = 'canary-2342';

function emit(record: Parameters<ReturnType<LoggerProvider['getLogger']>['emit']>[0]) {
  const exporter = new InMemoryLogRecordExporter();
  const processor = new GateLogRecordProcessor(new SimpleLogRecordProcessor({ exporter }));
  new LoggerProvider({ processors: [processor] }).getLogger('some-library').emit(record);
  const [emitted] = exporter.getFinishedLogRecords();
  return { eventName: emitted?.eventName, body: emitted?.body, attributes: emitted?.attributes };
}

describe('a log record of somebody else', () => {
  it('that carries a message keeps who spoke, not what', () => {
    const record = {
      eventName: 'gen_ai.user.message',
      body: { content: CANARY },
      attributes: { role: 'user', text: CANARY },
    };
    expect(emit(record)).toEqual({
      eventName: 'gen_ai.user.message',
      body: undefined,
      attributes: { role: 'user' },
    });
  });

  it('is known by the older attribute, too', () => {
    const record = { body: CANARY, attributes: { 'event.name': 'gen_ai.choice', index: 0, message: CANARY } };
    expect(emit(record)).toMatchObject({
      body: undefined,
      attributes: { 'event.name': 'gen_ai.choice', index: 0 },
    });
  });

  it('about a failed model call keeps the type of the exception', () => {
    const attributes = {
      'exception.type': 'APIError',
      'exception.message': CANARY,
      'exception.stacktrace': CANARY,
    };
    const emitted = emit({ eventName: 'gen_ai.client.operation.exception', attributes });
    expect(emitted.attributes).toEqual({
      'exception.type': 'APIError',
      'exception.stacktrace': '[reduced: 11 bytes]',
    });
  });

  it('loses content keys and keeps the rest', () => {
    const attributes = { 'http.request.body': CANARY, 'exception.message': 'disk full', count: 3 };
    expect(emit({ body: 'stored', attributes })).toEqual({
      eventName: undefined,
      body: 'stored',
      attributes: { 'exception.message': 'disk full', count: 3 },
    });
  });

  it('of a step of an agent keeps the type of the exception', () => {
    const attributes = { 'gen_ai.request.model': 'm', 'exception.type': 'E', 'exception.message': CANARY };
    expect(emit({ attributes }).attributes).toEqual({ 'gen_ai.request.model': 'm', 'exception.type': 'E' });
  });

  it('of a step of an agent loses long text under unknown keys, and its long body', () => {
    const text = 'no such customer as the one';
    const kept = { 'gen_ai.request.model': 'm', note: '[reduced: 27 bytes]' };
    expect(emit({ body: text, attributes: { 'gen_ai.request.model': 'm', note: text } })).toMatchObject({
      body: '[reduced: 27 bytes]',
      attributes: kept,
    });
    expect(emit({ body: text, attributes: { note: text } })).toMatchObject({
      body: text,
      attributes: { note: text },
    });
  });

  it('loses what stands in maps, in the body too', () => {
    const wrapped = { wrap: { gen_ai: { prompt: CANARY } }, list: [{ 'input.value': CANARY }], count: 3 };
    const kept = { wrap: { gen_ai: {} }, list: [{}], count: 3 };
    expect(emit({ body: wrapped, attributes: wrapped })).toMatchObject({ body: kept, attributes: kept });
  });
});
