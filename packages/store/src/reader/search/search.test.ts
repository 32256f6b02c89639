import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateFilter, type Filter, type FilterSpan, formatFilter, parseFilter } from '@spanwise/filter';
import { bucketOfDuration, type Span, spanKinds, statusCodes, traceId, unixNano } from '@spanwise/model';
import { filterArbitrary, filterTracesArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestEngine } from '../../engine.fixture.ts';
import { EngineError } from '../../engine.ts';
import { openStore } from '../../open-store.ts';
import { segmentOf } from '../../rows.fixture.ts';
import type { Store } from '../../store.ts';
import { createMatcher, factsOf, keyOf, rowOf } from './search.fixture.ts';
import type { Found, FoundTrace, OperationHistory, Search, SpanPlace } from './search.ts';
import { walkWindows } from './search-statement.ts';

let folder: string;
let store: Store;
let nextSeq = 1n;

/** Each a tenant of its own. */
const sets = fc.sample(filterTracesArbitrary, { numRuns: 6, seed: 11 });
const historyNanos = (span: Pick<Span, 'name' | 'kind'>) =>
  span.name === 'x' ? undefined : span.kind * 1_000_000 + 1;

const histories: readonly OperationHistory[] = [
  {
    percentile: { percent: 50, lookbackNanos: 86_400e9 },
    operations: sets.flat(2).flatMap(({ span: { resource, name, kind } }) => {
      const nanos = historyNanos({ name, kind });
      return nanos === undefined ? [] : [{ service: resource.serviceName, name, kind, nanos }];
    }),
  },
];

const write = async (spans: readonly FilterSpan[], tenant: number) => {
  const rows = spans.map((span) => rowOf(span, tenant));
  await store.writeSegment(await segmentOf('spans', nextSeq++, rows));
};

/** By tenant: all that is written by now. */
async function settle(byTenant: readonly (readonly (readonly FilterSpan[])[])[]): Promise<void> {
  const seq = nextSeq - 1n;
  const collected = await store.collectFacts(seq, join(folder, 'facts.rows'));
  for (const [tenant, traces] of byTenant.entries()) {
    await collected.add(traces.filter((spans) => spans.length > 0).map((spans) => factsOf(tenant, spans)));
  }
  await collected.replace();
  await store.markSettled(seq);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-search-'));
  store = await openStore({ engine: await createTestEngine(folder) });
  // Two are settled; of a third one half of each trace came later, the others all.
  const [settled, later] = [sets.slice(0, 2), sets.slice(3)];
  for (const [tenant, traces] of settled.entries()) await write(traces.flat(), tenant);
  const halves = sets[2]!.map((spans) => [
    spans.filter((_, n) => n % 2 === 0),
    spans.filter((_, n) => n % 2 === 1),
  ]);
  await write(
    halves.flatMap(([first]) => first!),
    2,
  );
  await settle([...settled, halves.map(([first]) => first!)]);
  await write(
    halves.flatMap(([, second]) => second!),
    2,
  );
  for (const [index, traces] of later.entries()) await write(traces.flat(), index + 3);
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

function naive(traces: readonly (readonly FilterSpan[])[], filter: Filter): readonly FilterSpan[] {
  return traces.flatMap((spans) => {
    const holds = evaluateFilter(filter, spans, { percentileNanos: historyNanos, createMatcher });
    return spans.filter((_, index) => holds[index]);
  });
}

function filterOf(text: string): Filter {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.filter;
}

async function searchOf(tenant: number, filter: Filter): Promise<Search> {
  const bounds = await store.searchBounds(tenant);
  return { ...bounds!, filter, histories, budgetMillis: 20_000 };
}

/** All pages of a list; `between` runs after each. */
async function pagesOf<Item, Place>(
  read: (after: Place | undefined) => Promise<Found<Item>>,
  placeOf: (item: Item) => Place,
  between: () => Promise<void>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (;;) {
    const last = items.at(-1);
    const page = await read(last === undefined ? undefined : placeOf(last));
    items.push(...page.items);
    if (!page.hasMore) return items;
    await between();
  }
}

const runs = Number(process.env.SPANWISE_FILTER_RUNS ?? 40);

describe('a filter', () => {
  it(
    'finds in SQL what it means',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(sets.length - 1), filterArbitrary, async (tenant, filter) => {
          const { items } = await store.searchSpans(tenant, {
            ...(await searchOf(tenant, filter)),
            order: 'time',
            direction: 'ascending',
            limit: 1_000,
          });
          const wanted = naive(sets[tenant]!, filter).map(({ span }) => keyOf(span));
          expect([formatFilter(filter), items.map(({ place }) => keyOf(place)).sort()]).toEqual([
            formatFilter(filter),
            wanted.sort(),
          ]);
        }),
        { numRuns: runs },
      );
    },
    20_000 + runs * 500,
  );

  it('says of a pattern that only RE2 can judge what it is', async () => {
    const search = await searchOf(0, filterOf('name =~ "\\p{Nonsense}"'));
    await expect(store.countMatches(0, search, 'spans', 1)).rejects.toMatchObject({ code: 427 });
  });
});

describe('pages', () => {
  const tenant = 100;
  const traces = fc.sample(filterTracesArbitrary, { numRuns: 8, seed: 3 });
  /** The traces of each sample under ids of their own. */
  const known = traces.slice(0, 4).flatMap((sample, group) => sample.map((spans) => moved(spans, group)));
  const later = traces.slice(4).flatMap((sample, group) => sample.map((spans) => moved(spans, group + 6)));
  /** Of some traces that are on pages already, too. */
  const more = [
    ...later,
    ...later.map((spans, index) => moved(spans, 20, known[index % known.length]![0]!.span)),
  ];
  const filter = filterOf('kind in (server, client) or a exists');
  const wanted = naive(known, filter);

  beforeAll(() => write(known.flat(), tenant));

  const between = async () => {
    const spans = more.pop();
    if (spans !== undefined) await write(spans, tenant);
  };

  const valueOfSpan = {
    time: () => 0,
    duration: ({ span }: FilterSpan) => span.durationNanos,
    tokens: ({ inputTokens, outputTokens }: FilterSpan) =>
      inputTokens === undefined && outputTokens === undefined
        ? undefined
        : (inputTokens ?? 0) + (outputTokens ?? 0),
    cost: ({ cost }: FilterSpan) => cost,
  };

  it.each([
    ['time', 'descending'],
    ['time', 'ascending'],
    ['tokens', 'ascending'],
  ] as const)('of spans by %s, %s, skip and repeat none while more come in', async (order, direction) => {
    const search = await searchOf(tenant, filter);
    const before = await store.searchSpans(tenant, { ...search, order, direction, limit: 1_000 });
    const found = await pagesOf(
      (after: SpanPlace | undefined) =>
        store.searchSpans(tenant, {
          ...search,
          order,
          direction,
          limit: 30,
          ...(after === undefined ? {} : { after }),
        }),
      ({ place }) => place,
      between,
    );
    const keys = found.map(({ place }) => keyOf(place));
    expect(keys).toEqual(before.items.map(({ place }) => keyOf(place)));
    if (order !== 'time' || direction !== 'descending') return; // more has come in since
    const sorted = wanted.toSorted((a, b) => (a.span.startTimeUnixNano > b.span.startTimeUnixNano ? -1 : 1));
    expect(keys).toEqual(sorted.map(({ span }) => keyOf(span)));
  });

  it.each(['duration', 'tokens', 'cost'] as const)('stand in order of %s, unknown last', async (order) => {
    const search = { ...(await searchOf(tenant, filter)), order, limit: 1_000 };
    for (const direction of ['ascending', 'descending'] as const) {
      const { items } = await store.searchSpans(tenant, { ...search, direction });
      const byKey = new Map([...known, ...later].flat().map((span) => [keyOf(span.span), span]));
      const values = items.map(({ place }) => {
        const span = byKey.get(keyOf(place));
        return span === undefined ? place.value : (valueOfSpan[order](span) ?? 'unknown');
      });
      const sign = direction === 'ascending' ? 1 : -1;
      const numbers = values.filter((value) => typeof value === 'number' && value >= 0 && value < 1e300);
      expect(numbers).toEqual(numbers.toSorted((a, b) => sign * (Number(a) - Number(b))));
      expect(values.slice(0, numbers.length)).toEqual(numbers);
    }
  });

  it.each(['descending', 'ascending'] as const)('of traces by time, %s, likewise', async (direction) => {
    const search = await searchOf(tenant, filter);
    const all = await store.searchTraceIds(tenant, { ...search, direction, limit: 1_000 });
    const read = (limit: number) =>
      pagesOf(
        (after: FoundTrace | undefined) =>
          store.searchTraceIds(tenant, {
            ...search,
            direction,
            limit,
            ...(after === undefined ? {} : { after }),
          }),
        (trace) => trace,
        between,
      );
    expect(await read(13)).toEqual(all.items);
    expect(all.items.length).toBe(await store.countMatches(tenant, search, 'traces', 1_000));
    const starts = all.items.map(({ startTimeUnixNano }) => startTimeUnixNano);
    const sign = direction === 'ascending' ? 1 : -1;
    expect(starts).toEqual(starts.toSorted((a, b) => sign * Number(a - b)));
  });
});

describe('sums', () => {
  const tenant = 200;
  const traces = fc
    .sample(filterTracesArbitrary, { numRuns: 10, seed: 5 })
    .flatMap((sample, group) => sample.map((spans) => moved(spans, group)));
  const filter = filterOf('not service = "gateway"');
  const wanted = naive(traces, filter);

  beforeAll(() => write(traces.flat(), tenant));

  it('count each match once, and no further than asked', async () => {
    const search = await searchOf(tenant, filter);
    expect(await store.countMatches(tenant, search, 'spans', 10_000)).toBe(wanted.length);
    expect(await store.countMatches(tenant, search, 'spans', 5)).toBe(6);
    const ids = new Set(wanted.map(({ span }) => span.traceId));
    expect(await store.countMatches(tenant, search, 'traces', 10_000)).toBe(ids.size);
  });

  it('by time and duration', async () => {
    const search = await searchOf(tenant, filter);
    const step = (search.to - search.from) / 20n + 1n;
    const cells = await store.spanHeat(tenant, search, step);
    const expected = new Map<string, readonly [number, number]>();
    for (const { span } of wanted) {
      const key = `${(span.startTimeUnixNano - search.from) / step}/${bucketOfDuration(span.durationNanos)}`;
      const [count, errors] = expected.get(key) ?? [0, 0];
      expected.set(key, [count + 1, errors + (span.statusCode === statusCodes.error ? 1 : 0)]);
    }
    expect(new Map(cells.map((cell) => [`${cell.step}/${cell.bucket}`, [cell.count, cell.errors]]))).toEqual(
      expected,
    );
  });

  it('by fields', async () => {
    const search = await searchOf(tenant, filter);
    const groups = await store.groupSpans(
      tenant,
      search,
      [
        { type: 'intrinsic', name: 'service' },
        { type: 'intrinsic', name: 'tool' },
        { type: 'intrinsic', name: 'kind' },
      ],
      1_000,
    );
    const expected = new Map<string, FilterSpan[]>();
    for (const one of wanted) {
      const kind = Object.entries(spanKinds).find(([, code]) => code === one.span.kind)![0];
      const key = JSON.stringify([one.span.resource.serviceName, one.tool ?? null, kind]);
      expected.set(key, [...(expected.get(key) ?? []), one]);
    }
    const known = (values: readonly (number | undefined)[]) => {
      const numbers = values.filter((value) => value !== undefined);
      return numbers.length === 0 ? -1 : numbers.reduce((sum, value) => sum + value, 0);
    };
    const sums = [...expected].map(([key, spans]) => {
      const durations = spans.map(({ span }) => span.durationNanos).sort((a, b) => a - b);
      const at = (share: number) =>
        durations[Math.min(Math.floor(share * durations.length), durations.length - 1)];
      return {
        keys: JSON.parse(key),
        count: spans.length,
        errors: spans.filter(({ span }) => span.statusCode === statusCodes.error).length,
        p50Nanos: at(0.5),
        p95Nanos: at(0.95),
        p99Nanos: at(0.99),
        tokens: known(
          spans.map(({ inputTokens, outputTokens }) =>
            inputTokens === undefined && outputTokens === undefined
              ? undefined
              : (inputTokens ?? 0) + (outputTokens ?? 0),
          ),
        ),
        cost: known(spans.map(({ cost }) => cost)),
      };
    });
    const sort = (list: readonly { readonly keys: readonly unknown[] }[]) =>
      list.toSorted((a, b) => (JSON.stringify(a.keys) < JSON.stringify(b.keys) ? -1 : 1));
    const found = groups.map((group) => ({ ...group, keys: group.keys.map((key) => key ?? null) }));
    expect(sort(found)).toEqual(sort(sums));
    expect(groups.map(({ count }) => count)).toEqual(
      groups.map(({ count }) => count).toSorted((a, b) => b - a),
    );
  });

  it('of values of one field, on whatever level', async () => {
    const search = await searchOf(tenant, filter);
    const values = new Map(
      (await store.topValues(tenant, search, { type: 'attribute', key: 'a' }, 1_000)).map(
        ({ value, count }) => [value, count],
      ),
    );
    for (const text of ['x', 'v=w', 'true', `O'Reilly \\ "`, '\n']) {
      const having = filterOf(`a = ${JSON.stringify(text)}`);
      const count = naive([wanted], having).length;
      expect([text, values.get(text) ?? 0]).toEqual([text, count]);
    }
  });

  it('of whole traces put them in order', async () => {
    const search = await searchOf(tenant, filter);
    const { items } = await store.topTraceIds(tenant, {
      ...search,
      order: 'spans',
      direction: 'descending',
      limit: 5,
    });
    const matching = new Set(wanted.map(({ span }) => span.traceId));
    const counts = traces
      .filter((spans) => matching.has(spans[0]!.span.traceId))
      .map((spans) => ({
        id: spans[0]!.span.traceId,
        count: spans.length,
        start: spans.map(({ span }) => span.startTimeUnixNano).sort()[0]!,
      }))
      .sort((a, b) => b.count - a.count || (a.start > b.start ? -1 : 1));
    expect(items.slice(0, 5)).toEqual(counts.slice(0, 5).map(({ id }) => id));
  });
});

describe('the budget', () => {
  it('is refused where it does not do for one window', async () => {
    const search = { ...(await searchOf(0, filterOf(''))), budgetMillis: 0 };
    await expect(
      store.searchSpans(0, { ...search, order: 'time', direction: 'descending', limit: 5 }),
    ).rejects.toMatchObject({ code: 159 });
  });

  it.each(['oldest', 'newest'] as const)(
    'ends a walk at the end of a whole window, towards the %s',
    async (towards) => {
      const windows: (readonly [bigint, bigint])[] = [];
      const range = { from: unixNano(0n), to: unixNano(86_400_000_000_000n * 30n) };
      const reached = await walkWindows(range, 'spans', towards, async ({ from, to }) => {
        if (windows.length === 2) throw new EngineError('over', { retryable: false, code: 159 });
        windows.push([from, to]);
        return undefined;
      });
      expect(windows[1]![towards === 'oldest' ? 1 : 0]).toBe(
        towards === 'oldest' ? windows[0]![0] - 1n : windows[0]![1] + 1n,
      );
      expect(reached).toBe(windows[1]![towards === 'oldest' ? 0 : 1]);
    },
  );
});

/** The same spans in another trace: of their own, or of `of`. */
function moved(spans: readonly FilterSpan[], group: number, of?: Span): readonly FilterSpan[] {
  return spans.map((one) => ({
    ...one,
    span: {
      ...one.span,
      traceId: of?.traceId ?? traceId(`${group.toString(16).padStart(2, 'e')}${one.span.traceId.slice(2)}`),
      startTimeUnixNano: unixNano(one.span.startTimeUnixNano + BigInt(group) * 10_000n),
    },
  }));
}
