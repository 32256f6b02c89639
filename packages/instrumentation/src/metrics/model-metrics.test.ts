import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { startSpanRecorder } from '../testing/span-recorder.ts';
import { traced } from '../traced/traced.ts';

startSpanRecorder();

it('a call to a model is counted with the names and buckets of the conventions, once metrics are on', async () => {
  const call = () =>
    traced.llm({ model: 'gpt-4o', provider: 'openai', serverAddress: 'api.openai.com' }, (span) => {
      span.recordFirstChunk();
      span.recordUsage({ inputTokens: 900 }).recordResponse({ model: 'gpt-4o-2026', id: 'r-1' });
      span.recordUsage({ inputTokens: 900, outputTokens: 120 });
    });
  call();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
  metrics.setGlobalMeterProvider(provider);
  call();
  expect(() =>
    traced.llm({ model: 'gpt-4o', provider: 'openai' }, () => {
      throw new RangeError('a prompt, perhaps');
    }),
  ).toThrow(RangeError);
  await provider.forceFlush();
  await provider.shutdown();

  const byName = new Map(
    exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .map(({ descriptor, dataPoints }) => [descriptor.name, { descriptor, dataPoints }]),
  );
  const identity = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
  };
  const answered = {
    ...identity,
    'gen_ai.response.model': 'gpt-4o-2026',
    'server.address': 'api.openai.com',
  };
  expect(byName.get('gen_ai.client.operation.duration')).toMatchObject({
    descriptor: { unit: 's' },
    dataPoints: [
      {
        attributes: answered,
        value: { count: 1, buckets: { boundaries: expect.arrayContaining([0.01, 81.92]) } },
      },
      { attributes: { ...identity, 'error.type': 'RangeError' }, value: { count: 1 } },
    ],
  });
  expect(byName.get('gen_ai.client.token.usage')).toMatchObject({
    descriptor: { unit: '{token}' },
    dataPoints: [
      {
        attributes: { ...answered, 'gen_ai.token.type': 'input' },
        value: { sum: 900, buckets: { boundaries: expect.arrayContaining([1, 4, 67_108_864]) } },
      },
      { attributes: { ...answered, 'gen_ai.token.type': 'output' }, value: { sum: 120 } },
    ],
  });
  expect(byName.get('gen_ai.client.operation.time_to_first_chunk')?.dataPoints).toHaveLength(1);
});
