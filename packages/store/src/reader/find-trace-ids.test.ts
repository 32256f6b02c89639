import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TraceId, traceId, unixNano } from '@spanwise/model';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestEngine } from '../engine.fixture.ts';
import { openStore } from '../open-store.ts';
import { hexBytes, segmentOf } from '../rows.fixture.ts';
import type { Store, TraceQuery } from '../store.ts';

const minute = 60_000_000_000;
const origin = 20_000n * 86_400_000_000_000n + 1_234_567_890n;

/** One span, as far as these queries see it. */
interface Mark {
  readonly trace: number;
  readonly at: number;
  readonly service: string;
  readonly error: boolean;
  readonly tag: string;
}

/** 120 traces; most are short, some lie around for days and are met in many windows. */
const marks: readonly Mark[] = fc
  .sample(
    fc
      .record({
        trace: fc.nat(119),
        start: fc.nat(6 * 24 * 60),
        spread: fc.oneof(
          { weight: 6, arbitrary: fc.constant(1) },
          { weight: 1, arbitrary: fc.nat(4 * 24 * 60) },
        ),
        spans: fc.array(
          fc.record({
            offset: fc.double({ min: 0, max: 1, noNaN: true }),
            service: fc.constantFrom('a', 'b', 'c'),
            error: fc.boolean(),
            tag: fc.constantFrom('x', 'y'),
          }),
          { minLength: 1, maxLength: 6 },
        ),
      })
      .map(({ trace, start, spread, spans }) =>
        spans.map(({ offset, ...rest }) => ({
          trace,
          at: Math.floor((start + offset * spread) * minute),
          ...rest,
        })),
      ),
    { numRuns: 250, seed: 7 },
  )
  .flat();

const idOf = (trace: number) => traceId((trace + 1).toString(16).padStart(32, '0'));

let folder: string;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-find-'));
  store = await openStore({ engine: await createTestEngine(folder) });
  const rows = marks.map(({ trace, at, service, error, tag }, n) => ({
    trace_id: hexBytes(idOf(trace)),
    span_id: hexBytes((n + 1).toString(16).padStart(16, '0')),
    start_time: origin + BigInt(at),
    service,
    status_code: error ? 2 : 0,
    attributes_string: [['tag', tag]],
  }));
  await store.writeSegment(await segmentOf('spans', 1n, rows));
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

/** What `findTraceIds` means, without windows. */
function expected({ service, hasError, attributes, startTimeMin, startTimeMax, limit }: TraceQuery) {
  const earliest = new Map<TraceId, bigint>();
  for (const mark of marks) {
    const start = origin + BigInt(mark.at);
    if (service !== undefined && mark.service !== service) continue;
    if (hasError !== undefined && mark.error !== hasError) continue;
    if (attributes?.some(({ value }) => mark.tag !== value)) continue;
    if (startTimeMin !== undefined && start < startTimeMin) continue;
    if (startTimeMax !== undefined && start > startTimeMax) continue;
    const id = idOf(mark.trace);
    if (start < (earliest.get(id) ?? start + 1n)) earliest.set(id, start);
  }
  return [...earliest]
    .sort(([idA, a], [idB, b]) => (a === b ? (idA < idB ? -1 : 1) : a > b ? -1 : 1))
    .slice(0, limit)
    .map(([id]) => id);
}

it('gives what a search without windows would give', async () => {
  const time = fc.nat(7 * 24 * 60).map((minutes) => unixNano(origin + BigInt(minutes) * BigInt(minute)));
  const queries: fc.Arbitrary<TraceQuery> = fc
    .record({
      service: fc.option(fc.constantFrom('a', 'b', 'nobody'), { nil: undefined }),
      hasError: fc.option(fc.boolean(), { nil: undefined }),
      tag: fc.option(fc.constantFrom('x', 'z'), { nil: undefined }),
      startTimeMin: fc.option(time, { nil: undefined }),
      startTimeMax: fc.option(time, { nil: undefined }),
      limit: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 150 })),
    })
    .map(({ service, hasError, tag, startTimeMin, startTimeMax, limit }) => ({
      limit,
      ...(service === undefined ? {} : { service }),
      ...(hasError === undefined ? {} : { hasError }),
      ...(tag === undefined ? {} : { attributes: [{ key: 'tag', value: tag }] }),
      ...(startTimeMin === undefined ? {} : { startTimeMin }),
      ...(startTimeMax === undefined ? {} : { startTimeMax }),
    }));
  await fc.assert(
    fc.asyncProperty(queries, async (query) => {
      expect(await store.findTraceIds(0, query)).toEqual(expected(query));
    }),
    { numRuns: 60 },
  );
}, 60_000);
