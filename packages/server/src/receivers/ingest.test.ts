import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { traceId, unixNanoFromMillis } from '@spanwise/model';
import { encodeTraceRequest } from '@spanwise/otlp';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { day, decoderFor, now, span } from '../pipeline/testing/decode.ts';
import { openSpool } from '../spool/spool.ts';
import { ServerMetrics } from '../telemetry/server-metrics.ts';
import { createIngest } from './ingest.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-ingest-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Sum of all series of a counter. */
async function total(metrics: ServerMetrics, name: string): Promise<number> {
  const metric = await metrics.registry.getSingleMetric(name)!.get();
  return metric.values.reduce((sum, { value }) => sum + value, 0);
}

it('accepted + repeated + rejected + refused is what was received, whatever comes and fails', async () => {
  const request = fc.record({
    /** The same number is the same request. */
    number: fc.nat(6),
    /** While it is sent. */
    disk: fc.constantFrom('works', 'works', 'fails'),
  });
  let run = 0;
  const kinds = { accepted: 0, repeated: 0, rejected: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 25 }), async (requests) => {
      run += 1;
      const metrics = new ServerMetrics({
        bytesInFlight: () => 0,
        spool: () => undefined,
        decodeQueue: () => 0,
        engineRestarts: () => 0,
        isEngineReady: () => true,
        liveViews: () => 0,
      });
      let disk = 'works';
      const spool = await openSpool({
        directory: join(folder, String(run)),
        limits: {
          // The larger requests never fit, the smaller ones not always.
          maxBytes: 2_000,
          diskReserveBytes: 0,
          segmentMaxBytes: 5_000,
          segmentMaxRows: 1_000,
          segmentMaxAgeMillis: 5,
          groupBytes: 100_000,
          fsyncMillis: 100,
          traceIdsPerSegment: 10,
          divideTries: 10,
          quarantineListed: 10,
          requestMemoryMillis: 60_000,
          requestMemoryEntries: 100,
        },
        writer: { writeSegment: async () => {}, finishParts: async () => {} },
        // What no test can do to a real disk.
        openFile: async (path, flags, mode) => {
          const file = await open(path, flags, mode);
          return new Proxy(file, {
            get(target, name) {
              const value: unknown = Reflect.get(target, name);
              if (typeof value !== 'function') return value;
              if (name === 'datasync' && disk === 'fails') {
                return () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
              }
              return value.bind(target);
            },
          });
        },
      });
      const decoder = decoderFor();
      const ingest = createIngest({
        pool: { decode: async (job) => decoder.decode(job) },
        spool,
        metrics,
        logger: pino({ level: 'silent' }),
        clock: () => now,
      });
      let sent = 0;
      for (const { number, disk: state } of requests) {
        disk = state;
        // Some of the spans are of next week: they are rejected one by one.
        const spans = Array.from({ length: 1 + number }, (_, n) =>
          span({
            name: `r${number}`,
            traceId: traceId(String(n + 1).padStart(32, '0')),
            ...(n % 3 === 2 ? { startTimeUnixNano: unixNanoFromMillis(now + 7 * day) } : {}),
          }),
        );
        sent += spans.length;
        const outcome = await ingest({
          signal: 'spans',
          encoding: 'protobuf',
          body: encodeTraceRequest(spans),
          tenant: 0,
        });
        expect(outcome.kind).not.toBe('invalid');
        if (state === 'fails') expect(['unavailable', 'accepted']).toContain(outcome.kind);
      }
      await spool.close();
      const [received, accepted, repeated, rejected, refused] = await Promise.all(
        ['received', 'accepted', 'repeated', 'rejected', 'refused'].map((name) =>
          total(metrics, `spanwise_${name}_total`),
        ),
      );
      expect(received).toBe(sent);
      kinds.accepted += accepted!;
      kinds.repeated += repeated!;
      kinds.rejected += rejected!;
      kinds.refused += refused!;
      expect(accepted! + repeated! + rejected! + refused!).toBe(received);
    }),
    { numRuns: 25 },
  );
  // Each of them happened.
  expect(Object.values(kinds).every((count) => count > 0)).toBe(true);
});
