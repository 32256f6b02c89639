import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalCollector, startLocalCollector } from '../testing/local-collector.ts';
import type { OtlpTransport } from './otlp-transport.ts';
import { createTransport } from './otlp-transports.ts';

let collector: LocalCollector;
let transport: OtlpTransport;
beforeAll(async () => {
  collector = await startLocalCollector();
  transport = createTransport({ protocol: 'grpc', url: collector.grpcEndpoint }, 'TRACES', 5000);
});
afterAll(() => {
  transport.close();
  collector.close();
});

/** `google.rpc.Status` with a RetryInfo of 5.5 s, as `grpc-status-details-bin` has it. */
const inFiveSeconds = {
  'grpc-status-details-bin':
    'CAgaNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIKCggIBRCAyrXuAQ==',
};

it.each([
  ['UNAVAILABLE', 14, {}, { status: 'retryable', retryAfterMillis: undefined }],
  ['UNAVAILABLE with RetryInfo', 14, inFiveSeconds, { status: 'retryable', retryAfterMillis: 5500 }],
  ['RESOURCE_EXHAUSTED', 8, {}, { status: 'refused' }],
  ['RESOURCE_EXHAUSTED with RetryInfo', 8, inFiveSeconds, { status: 'retryable', retryAfterMillis: 5500 }],
  ['INVALID_ARGUMENT', 3, inFiveSeconds, { status: 'refused' }],
  ['UNAUTHENTICATED', 16, {}, { status: 'refused' }],
])('one attempt answered %s', async (_, status, headers, expected) => {
  collector.refusals.push({ status, headers });
  expect(await transport.send(Buffer.from('spans'))).toMatchObject(expected);
});

it('one that is taken', async () => {
  expect(await transport.send(Buffer.from('spans'))).toMatchObject({ status: 'accepted' });
  expect(collector.requests.map(({ body }) => body.toString())).toEqual(['spans']);
});
