import { drawTrace, largeTrace, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseTrace, buildTraceColumns } from './index.ts';

function analyse(drawing: string, millisPerColumn = 100) {
  return analyseTrace(buildTraceColumns(drawTrace(drawing, { millisPerColumn })));
}

/** With ordinary blanks. */
function plain(text: string | undefined): string | undefined {
  return text?.replaceAll('\u202f', ' ');
}

describe('the bottleneck', () => {
  it('is the model call inside the hop, not the client and server spans around it', () => {
    const { bottleneck, byService } = analyse(`
      gateway      POST /chat               |===================================================|  kind=server
       manager     handle_message            |=================================================|
        manager    POST                           |===========================================|  kind=client
         llm-proxy POST /v1/chat/completions      |===========================================|  kind=server
          llm-proxy chat gpt-4o                    |=========================================|  kind=client model=gpt-4o
           llm-proxy POST                          |=========================================|  kind=client
    `);
    expect(bottleneck).toMatchObject({
      service: 'llm-proxy',
      name: 'chat gpt-4o',
      nanos: 4.2e9,
      sentence: '4.2 of 5.2\u202fs in llm-proxy › chat gpt-4o',
    });
    expect(bottleneck?.share).toBeCloseTo(4.2 / 5.2);
    expect(byService.map(({ service, nanos }) => [service, nanos / 1e9])).toEqual([
      ['llm-proxy', 4.4],
      ['manager', 0.6],
      ['gateway', 0.2],
    ]);
  });

  it('is the service itself when it is slow before it calls the model', () => {
    const { bottleneck } = analyse(`
      llm-proxy  POST /v1/chat/completions  |==========================|  kind=server
       llm-proxy chat gpt-4o                                   |======|  kind=client model=gpt-4o
    `);
    expect(plain(bottleneck?.sentence)).toBe('2.0 of 2.7 s in llm-proxy › POST /v1/chat/completions');
  });

  it('adds up the calls of one step, and points at the longest', () => {
    const { bottleneck } = analyse(`
      agent    invoke_agent   |==========================|  op=invoke_agent
       agent   ChatOpenAI      |=====|  model=gpt-4o @first
       tools   lookup                 |=======|
       agent   ChatOpenAI                      |========|  model=gpt-4o @second
    `);
    expect(bottleneck).toMatchObject({
      row: 3,
      name: 'chat gpt-4o',
      sentence: '1.5 of 2.7\u202fs in agent › chat gpt-4o (2 calls)',
    });
  });

  it('names the call below an agent, because the agent only waits', () => {
    const { bottleneck } = analyse(`
      agent    invoke_agent   |==========================|  op=invoke_agent
       agent   GET weather        |====================|  kind=client
    `);
    expect(bottleneck?.name).toBe('GET weather');
  });

  it('names the tool, not the HTTP call by which the tool does its work', () => {
    const { bottleneck } = analyse(`
      agent    handle_message  |==========================|
       agent   call_it           |====================|  op=execute_tool tool=search
        agent  GET                 |================|  kind=client
         agent tls.connect         |============|
    `);
    expect(bottleneck?.name).toBe('execute_tool search');
  });

  it('says so in the unit of the whole', () => {
    const drawing = `
      a  x  |==========|
       b y    |======|
    `;
    expect(plain(analyse(drawing, 1).bottleneck?.sentence)).toBe('7.0 of 11.0 ms in b › y');
    expect(plain(analyse(drawing, 20).bottleneck?.sentence)).toBe('140 of 220 ms in b › y');
    expect(plain(analyse(drawing, 60_000).bottleneck?.sentence)).toBe('7 min 0 s of 11 min 0 s in b › y');
  });

  it('is absent only for a trace without spans', () => {
    expect(analyseTrace(largeTrace(0)).bottleneck).toBeUndefined();
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const { bottleneck } = analyseTrace(buildTraceColumns(trace));
        expect(bottleneck?.nanos).toBeGreaterThan(0);
        expect(bottleneck?.share).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('time by service', () => {
  it('names no service for time that no span accounts for', () => {
    const { byService } = analyse(`
      a  x  |==|
      b  y            |=====|
    `);
    expect(byService).toEqual([
      { nanos: 0.7e9, share: 7 / 16 },
      { service: 'b', nanos: 0.6e9, share: 6 / 16 },
      { service: 'a', nanos: 0.3e9, share: 3 / 16 },
    ]);
  });

  it('adds up to the whole, largest first', () => {
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const { byService, criticalPath } = analyseTrace(buildTraceColumns(trace));
        const nanos = byService.map((share) => share.nanos);
        expect(nanos.reduce((sum, part) => sum + part, 0)).toBe(
          criticalPath.toNanos - criticalPath.fromNanos,
        );
        expect(nanos).toEqual(nanos.toSorted((a, b) => b - a));
      }),
    );
  });
});

describe('usage', () => {
  it('counts model calls, and neither the agent that repeats them nor the proxy that forwards them', () => {
    const { usage } = analyse(`
      manager      invoke_agent         |==========================|  op=invoke_agent model=gpt-4o in=150 out=35
       manager     chat gpt-4o            |=====|  model=gpt-4o in=100 out=20
        llm-proxy  chat gpt-4o             |===|  model=gpt-4o in=100 out=20
       retrieval   embeddings ada                 |=|  op=embeddings model=ada in=50
       manager     chat gpt-4o                       |====|  model=gpt-4o error
        llm-proxy  chat gpt-4o                        |==|  model=gpt-4o out=15
    `);
    expect(usage).toEqual({
      modelCalls: 3,
      inputTokens: 150,
      outputTokens: 35,
      cost: -1,
      unpricedCalls: 3,
      models: ['ada', 'gpt-4o'],
    });
  });

  it('is unknown, not zero, where nobody named it', () => {
    const { usage } = analyse('llm  chat gpt-4o  |==|  model=gpt-4o');
    expect(usage).toEqual({
      modelCalls: 1,
      inputTokens: -1,
      outputTokens: -1,
      cost: -1,
      unpricedCalls: 1,
      models: ['gpt-4o'],
    });
  });

  it.each([
    ['the caller tells', 'cost=0.5', 'in=1 cost=0.25', '', 0.5, 0],
    ['the proxy tells what the caller does not know', '', 'in=1 cost=0.25', '', 0.25, 0],
    ['nobody tells', '', 'in=1', '', -1, 1],
    ['the proxy tried twice, and one try is not known', '', 'in=1 cost=0.25', 'model=m in=1', -1, 1],
    ['the proxy tried twice, and both are billed', '', 'in=1 cost=0.25', 'model=m cost=0.5', 0.75, 0],
  ])('counts the cost of a call once: %s', (_, caller, proxy, second, cost, unpricedCalls) => {
    const { usage } = analyse(`
      manager     handle  |===================|
       manager    ask       |=========|          model=m in=1 ${caller}
        llm-proxy pass       |=|                 model=m ${proxy}
        llm-proxy again         |=|              ${second}
    `);
    expect(usage).toMatchObject({ modelCalls: 1, cost, unpricedCalls });
  });

  it('adds up what is known, and says of how many calls it is not', () => {
    const { usage } = analyse(`
      manager  handle  |===================|    op=invoke_agent cost=9
       manager one      |==|                    model=m in=1 cost=0.5
       manager two          |==|                model=m in=1 cost=0
       manager three            |==|            model=house in=1
    `);
    expect(usage).toMatchObject({ modelCalls: 3, cost: 0.5, unpricedCalls: 1 });
  });
});

describe('counts', () => {
  it('counts errors, orphans and roots', () => {
    const analysis = analyse(`
      a  x  |========|  error
       b y    |==|  error
      c  z   |==|  parent=?
    `);
    expect(analysis).toMatchObject({ errorCount: 2, orphanCount: 1, rootCount: 1 });
  });
});
