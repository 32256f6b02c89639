import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bucketOfDuration, type Span, traceId, unixNanoFromMillis } from '@spanwise/model';
import { encodeTraceRequest } from '@spanwise/otlp';
import { createEmbeddedEngine, openStore, type Store, schemaVersion, structureOf } from '@spanwise/store';
import { patchRows } from '@spanwise/store/rows';
import { drawTrace } from '@spanwise/testing';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequestDecoder } from '../pipeline/request-decoder.ts';
import { type SettleJob, startSettleJob } from './settle-job.ts';

/** A caller and a proxy both report one model call; an agent uses another; a queue lies between two services. */
const drawing = `
gateway      POST /chat      |==============================|  kind=server
  manager    handle          |============================|    op=invoke_agent agent=planner
    manager  chat gpt-4o       |==================|            kind=client op=chat model=gpt-4o in=120 out=30
      proxy  chat gpt-4o         |==============|              kind=server op=chat model=gpt-4o in=120 out=30
    manager  search                                 |===|      op=execute_tool tool=search
      tools  find                                   |==|       error kind=server
      tools  enqueue                                |=|        kind=producer @sent
indexer      index                                     |==|    kind=consumer link=@sent`;

const hour = 3_600_000;
const startMillis = Math.floor(Date.now() / hour) * hour - 5 * hour;

let folder: string;
let store: Store;
let job: SettleJob;
let storedSeq = 0n;
let next = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-settle-'));
  store = await openStore({ engine: await createEmbeddedEngine({ dataDir: folder }) });
  job = await newJob();
}, 60_000);

afterAll(async () => {
  await job.close();
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

const newJob = () =>
  startSettleJob({
    store,
    directory: join(folder, 'settle'),
    storedSeq: () => storedSeq,
    intervalMillis: hour,
    logger: pino({ level: 'silent' }),
  });

const decoder = new RequestDecoder({
  contentMode: 'none',
  retentionMillis: { spans: 30 * 24 * hour, logs: hour },
});

async function write(spans: readonly Span[]): Promise<void> {
  const decoded = decoder.decode({
    signal: 'spans',
    encoding: 'protobuf',
    body: encodeTraceRequest(spans),
    tenant: 0,
    receivedAtMillis: Date.now(),
  });
  if (decoded.kind !== 'rows') throw new Error('not decoded');
  storedSeq += 1n;
  patchRows(decoded.rows, decoded.rowOffsets, storedSeq, 0);
  const path = join(folder, `${storedSeq}.rows`);
  await writeFile(path, decoded.rows);
  await store.writeSegment({
    signal: 'spans',
    ingestSeq: storedSeq,
    path,
    rowCount: decoded.rowCount,
    schemaVersion,
    structure: structureOf('spans'),
  });
}

/** Each test has an hour of its own. */
function newTrace(text = drawing) {
  next += 1;
  const at = startMillis - next * hour;
  const trace = drawTrace(text, {
    traceId: traceId(next.toString(16).padStart(32, 'd')),
    startTimeUnixNano: unixNanoFromMillis(at),
  });
  return { ...trace, range: { startMillis: at, endMillis: at + hour } };
}

const calls = async (range: Parameters<Store['serviceCalls']>[1]) =>
  (await store.serviceCalls(0, range)).map(({ caller, callee, isMessage, callCount, errorCount }) =>
    [caller, isMessage ? '~>' : '->', callee, callCount, errorCount].join(' '),
  );

const allCalls = [
  'gateway -> manager 1 0',
  'manager -> proxy 1 0',
  'manager -> tools 2 1',
  'tools ~> indexer 1 0',
];

describe('the settle job', () => {
  it('tells who called whom, what agents used, and counts a model call once', async () => {
    const { spans, range, traceId: id } = newTrace();
    const [, agent, chat] = spans;
    await write(spans);
    await job.settle();
    expect(await calls(range)).toEqual(allCalls);
    const [first] = await store.serviceCalls(0, range);
    expect(first?.buckets).toEqual(new Map([[bucketOfDuration(agent!.durationNanos), 1]]));
    expect(await store.modelUsage(0, range)).toEqual([
      {
        service: 'manager',
        model: 'gpt-4o',
        callCount: 1,
        errorCount: 0,
        inputTokens: 120,
        outputTokens: 30,
        // By the listed price of gpt-4o.
        cost: (120 * 2.5 + 30 * 10) / 1e6,
        unpricedCalls: 0,
        totalNanos: chat!.durationNanos,
      },
    ]);
    expect((await store.agentUses(0, range)).map(({ agent, used }) => [agent, used])).toEqual([
      ['planner', 'model:gpt-4o'],
      ['planner', 'tool:search'],
    ]);
    expect(await store.summaries(0, [id])).toMatchObject([
      {
        rootService: 'gateway',
        spanCount: 8,
        errorCount: 1,
        inputTokens: 120,
        outputTokens: 30,
        cost: 0.0006,
        unpricedCalls: 0,
      },
    ]);
    expect(await readdir(join(folder, 'settle'))).toEqual([]);
  });

  it('settles again what comes late, and replaces', async () => {
    const { spans, range, traceId: id } = newTrace();
    const [root, agent, ...below] = spans;
    // The children first, one half twice; the root, which began first, last.
    await write(below);
    await job.settle();
    expect(await calls(range)).toEqual(allCalls.slice(1));
    expect(await store.summaries(0, [id])).toMatchObject([{ spanCount: 6, orphanCount: 2 }]);
    await write([agent!, ...below]);
    await job.settle();
    await write([root!]);
    // Not settled yet: told from the spans.
    expect(await store.summaries(0, [id])).toMatchObject([{ spanCount: 8, orphanCount: 0 }]);
    await job.settle();
    expect(await calls(range)).toEqual(allCalls);
    expect(await store.summaries(0, [id])).toMatchObject([
      { spanCount: 8, orphanCount: 0, rootName: 'POST /chat' },
    ]);
  });

  it('comes to the same facts when it runs again over what it has settled', async () => {
    const { spans, range } = newTrace();
    await write(spans);
    await job.settle();
    const changed = await store.changedTraces(storedSeq - 1n, storedSeq);
    await job.close();
    // As after a crash before the mark was set.
    job = await newJob();
    await job.settle();
    expect(changed?.traces.length).toBe(1);
    expect(await calls(range)).toEqual(allCalls);
    expect(await store.settledSeq()).toBe(storedSeq);
  });

  it('counts what sampling left out', async () => {
    const { spans, range } = newTrace();
    // Half of all traces are kept.
    await write(spans.map((span) => ({ ...span, traceState: 'ot=th:8' })));
    await job.settle();
    expect(await calls(range)).toEqual([
      'gateway -> manager 2 0',
      'manager -> proxy 2 0',
      'manager -> tools 4 2',
      'tools ~> indexer 2 0',
    ]);
  });

  it('tells what is wrong with how services sent a trace', async () => {
    const {
      spans,
      range,
      traceId: id,
    } = newTrace(`
gateway      POST /chat      |==============================|  kind=server
  manager    call              |===========|                   kind=client
    tools    find            |===|                             kind=server
      tools  one             |=|                               @twin
      tools  two               |=|                             @twin
lost         work                          |====|              parent=?`);
    await write(spans);
    await job.settle();
    await write(spans.slice(0, 1));
    await job.settle();
    const common = {
      detail: '',
      count: 1,
      firstMillis: range.startMillis,
      lastMillis: range.startMillis,
      traceId: id,
    };
    expect(await store.flaws(0, range, 10)).toEqual([
      { service: 'lost', what: 'broken_parent', ...common },
      { service: 'tools', what: 'clock_skew', ...common },
      { service: 'tools', what: 'repeated_span_id', ...common },
    ]);
  });

  it('follows a link to another trace', async () => {
    const sender = newTrace(`
shop  send  |=|  kind=producer`);
    const receiver = newTrace(`
mailer  receive  |=|  kind=consumer`);
    const [sent] = sender.spans;
    await write(sender.spans);
    await write(
      receiver.spans.map((span) => ({
        ...span,
        links: [
          {
            traceId: sender.traceId,
            spanId: sent!.spanId,
            traceState: '',
            flags: 0,
            attributes: new Map(),
            droppedAttributesCount: 0,
          },
        ],
      })),
    );
    await job.settle();
    expect(await calls(receiver.range)).toEqual(['shop ~> mailer 1 0']);
  });
});
