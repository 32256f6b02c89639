import { AlwaysOffSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveLogRecordLimits, resolveSpanLimits } from './attribute-limits.ts';
import { resolveBatchLimits } from './batch-limits.ts';
import { resolveExporterTarget } from './exporter-target.ts';
import { findProgramPackage } from './program-package.ts';
import { createResource } from './resource.ts';
import { createSampler } from './sampler.ts';
import { isExportWanted } from './signal-exporter.ts';

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

function stubEnv(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

describe('where spans go', () => {
  it.each<
    [string, Parameters<typeof resolveExporterTarget>[0], Record<string, string>, string, string | undefined]
  >([
    ['nothing said', {}, {}, 'grpc', 'http://127.0.0.1:4317'],
    ['host and port, as in the article', { endpoint: 'jaeger:4317' }, {}, 'grpc', 'http://jaeger:4317'],
    ['a URL', { endpoint: 'https://o.example:443' }, {}, 'grpc', 'https://o.example:443'],
    ['the port of OTLP/HTTP', { endpoint: 'http://c:4318' }, {}, 'http/protobuf', 'http://c:4318/v1/traces'],
    ['a protocol', { protocol: 'http/json' }, {}, 'http/json', 'http://127.0.0.1:4318/v1/traces'],
    ['the environment', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317' }, 'grpc', undefined],
    [
      'the environment with the HTTP port',
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' },
      'http/protobuf',
      undefined,
    ],
    [
      'the signal before all signals',
      {},
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
      'http/json',
      'http://127.0.0.1:4318/v1/traces',
    ],
    [
      'the option before the environment',
      { endpoint: 'a:1' },
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' },
      'grpc',
      'http://a:1',
    ],
    [
      'a protocol that is none',
      {},
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'smoke' },
      'grpc',
      'http://127.0.0.1:4317',
    ],
    [
      'a variable that is no URL',
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'not a url' },
      'grpc',
      'http://127.0.0.1:4317',
    ],
    [
      'a variable for one signal',
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: '::', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318' },
      'http/protobuf',
      undefined,
    ],
    ['an endpoint that is none', { endpoint: 'http://' }, {}, 'grpc', 'http://127.0.0.1:4317'],
  ])('%s', (_, options, env, protocol, url) => {
    stubEnv(env);
    expect(resolveExporterTarget(options, 'TRACES')).toMatchObject({ protocol, url });
  });

  it('logs have a path and variables of their own', () => {
    stubEnv({ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf' });
    expect(resolveExporterTarget({}, 'LOGS').url).toBe('http://127.0.0.1:4318/v1/logs');
    expect(resolveExporterTarget({}, 'TRACES').url).toBe('http://127.0.0.1:4317');
  });

  it('none turns a signal off', () => {
    stubEnv({ OTEL_LOGS_EXPORTER: 'none' });
    expect([isExportWanted('LOGS'), isExportWanted('TRACES')]).toEqual([false, true]);
  });
});

describe('batches', () => {
  it('option before OTEL_BSP_* before default', () => {
    stubEnv({
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '40',
      OTEL_BSP_SCHEDULE_DELAY: '250',
      OTEL_BSP_EXPORT_TIMEOUT: 'soon',
    });
    expect(resolveBatchLimits({ maxQueueSize: 50 }, 'OTEL_BSP')).toEqual({
      maxQueueSize: 50,
      maxQueueBytes: 16 * 1024 * 1024,
      maxExportBatchSize: 40,
      scheduledDelayMillis: 250,
      exportTimeoutMillis: 30_000,
    });
  });

  it('logs listen to OTEL_BLRP_*', () => {
    stubEnv({
      OTEL_BLRP_MAX_QUEUE_SIZE: '7',
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '3',
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
    });
    stubEnv({ OTEL_BLRP_SCHEDULE_DELAY: '10', OTEL_BLRP_EXPORT_TIMEOUT: '20' });
    expect(resolveBatchLimits({}, 'OTEL_BLRP')).toEqual({
      maxQueueSize: 7,
      maxQueueBytes: 16 * 1024 * 1024,
      maxExportBatchSize: 3,
      scheduledDelayMillis: 10,
      exportTimeoutMillis: 20,
    });
  });
});

describe('sampling', () => {
  it.each([
    [{}, 'ParentBased{root=AlwaysOnSampler, '],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, new AlwaysOffSampler().toString()],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
      new TraceIdRatioBasedSampler(0.25).toString(),
    ],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' },
      'ParentBased{root=TraceIdRatioBased{1}',
    ],
    [{ OTEL_TRACES_SAMPLER: 'ratelimiting', OTEL_TRACES_SAMPLER_ARG: '5' }, 'RateLimiting{5}'],
    [
      {
        OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote',
        OTEL_TRACES_SAMPLER_ARG:
          'endpoint=http://127.0.0.1:1,pollingIntervalMs=5000,initialSamplingRate=0.25',
      },
      'ParentBased{root=Remote{TraceIdRatioBased{0.25}}',
    ],
    [{ OTEL_TRACES_SAMPLER: 'by_mood' }, 'ParentBased{root=AlwaysOnSampler, '],
  ])('%j', (env, expected) => {
    stubEnv(env);
    expect(createSampler('shop').toString()).toContain(expected);
  });
});

it('limits of spans come from the specification’s variables', () => {
  stubEnv({
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '10',
    OTEL_ATTRIBUTE_COUNT_LIMIT: '20',
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '100',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '3',
    OTEL_SPAN_LINK_COUNT_LIMIT: '4',
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '5',
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '6',
  });
  expect(resolveSpanLimits()).toEqual({
    attributeCountLimit: 10,
    attributeValueLengthLimit: 100,
    eventCountLimit: 3,
    linkCountLimit: 4,
    attributePerEventCountLimit: 5,
    attributePerLinkCountLimit: 6,
  });
});

it('log records have limits of their own, and the general ones', () => {
  stubEnv({
    OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '7',
    OTEL_ATTRIBUTE_COUNT_LIMIT: '20',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '100',
  });
  expect(resolveLogRecordLimits()).toEqual({ attributeCountLimit: 7, attributeValueLengthLimit: 100 });
  stubEnv({ OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '50' });
  expect(resolveLogRecordLimits().attributeValueLengthLimit).toBe(50);
});

describe('the resource', () => {
  it('option before OTEL_RESOURCE_ATTRIBUTES before what the process knows', () => {
    stubEnv({ NODE_ENV: 'production', OTEL_RESOURCE_ATTRIBUTES: 'service.version=2,team=search' });
    const { attributes } = createResource('shop', { environment: 'staging' });
    expect(attributes).toMatchObject({
      'service.name': 'shop',
      'service.version': '2',
      'deployment.environment.name': 'staging',
      team: 'search',
    });
  });

  it('finds the package of a program, or none', () => {
    expect(findProgramPackage(import.meta.filename)).toEqual({ name: '@spanwise/sdk', version: '0.1.0' });
    expect(findProgramPackage('/main.js')).toEqual({ name: undefined, version: undefined });
  });
});
