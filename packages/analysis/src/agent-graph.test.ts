import { drawTrace } from '@spanwise/testing';
import { describe, expect, it } from 'vitest';
import { agentGraph, buildTraceColumns } from './index.ts';

function graph(drawing: string) {
  const { nodes, uses } = agentGraph(buildTraceColumns(drawTrace(drawing)));
  return {
    nodes: nodes.map(({ id, callCount, inputTokens, outputTokens }) => [
      id,
      callCount,
      inputTokens,
      outputTokens,
    ]),
    uses: uses.map(
      ({ from = '–', to, callCount, errorCount }) => `${from} → ${to} ×${callCount} ${errorCount}`,
    ),
  };
}

describe('the agent graph of a trace', () => {
  it('says which agent used what', () =>
    expect(
      graph(`
        api   POST /chat            |==========================|  kind=server
         app  invoke_agent planner   |========================|   op=invoke_agent agent=planner
          app chat gpt-4o             |==|                        model=gpt-4o in=100 out=20
          app execute_tool search         |===|                   op=execute_tool tool=search error
          app invoke_agent writer               |==========|      op=invoke_agent agent=writer
           app chat gpt-4o                       |====|           model=gpt-4o in=50
           app chat gpt-4o                             |==|       model=gpt-4o
      `),
    ).toEqual({
      nodes: [
        ['agent:planner', 1, -1, -1],
        ['model:gpt-4o', 3, 150, 20],
        ['tool:search', 1, -1, -1],
        ['agent:writer', 1, -1, -1],
      ],
      uses: [
        'agent:planner → model:gpt-4o ×1 0',
        'agent:planner → tool:search ×1 1',
        'agent:planner → agent:writer ×1 0',
        'agent:writer → model:gpt-4o ×2 0',
      ],
    }));

  it('counts a call that a proxy forwards once, and calls without an agent too', () =>
    expect(
      graph(`
        manager  chat gpt-4o      |======|  model=gpt-4o in=9
         proxy   chat gpt-4o-mini   |==|    model=gpt-4o-mini in=9
      `),
    ).toEqual({ nodes: [['model:gpt-4o', 1, 9, -1]], uses: ['– → model:gpt-4o ×1 0'] }));
});
