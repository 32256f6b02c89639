import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { expect, it } from 'vitest';
import { LossReport } from './loss-report.ts';
import { SelfReport } from './self-report.ts';

it('tells the backend once what was lost, by signal and reason', () => {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  const losses = new LossReport();
  const report = new SelfReport(losses, provider.getLogger('t'));
  report.tell();
  losses.record('spans', 'queue_full', 400);
  losses.record('spans', 'queue_full', 12);
  losses.record('log records', 'unreachable', 3);
  report.tell();
  report.tell();
  losses.record('spans', 'refused', 1);
  report.tell(); // too soon
  report.tellNow();
  const records = exporter.getFinishedLogRecords();
  expect(
    records.map(({ eventName, severityNumber, attributes }) => [eventName, severityNumber, attributes]),
  ).toEqual([
    [
      'spanwise.sdk.loss',
      13,
      { 'spanwise.sdk.lost.spans.queue_full': 412, 'spanwise.sdk.lost.log_records.unreachable': 3 },
    ],
    ['spanwise.sdk.loss', 13, { 'spanwise.sdk.lost.spans.refused': 1 }],
  ]);
  expect(records[0]?.body).toBe(
    'Telemetry of this process is incomplete: 412 spans lost (queue_full), 3 log records lost (unreachable)',
  );
});
