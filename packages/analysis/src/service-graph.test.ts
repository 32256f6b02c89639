import { nanosPerMilli } from '@spanwise/model';
import { drawTrace, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTraceColumns, serviceGraph } from './index.ts';

describe('the service graph of a trace', () => {
  it('has a call wherever a parent belongs to another service', () => {
    const { services, calls } = serviceGraph(
      buildTraceColumns(
        drawTrace(`
          gateway   POST /chat   |===========|   kind=server
           gateway  POST          |=========|    kind=client
            manager handle          |======|     kind=server
             llm    chat             |==|        error
             llm    chat                |==|
        `),
      ),
    );
    expect(services).toEqual([
      { service: 'gateway', spanCount: 2, errorCount: 0, selfNanos: 5 * nanosPerMilli },
      { service: 'llm', spanCount: 2, errorCount: 1, selfNanos: 6 * nanosPerMilli },
      { service: 'manager', spanCount: 1, errorCount: 0, selfNanos: 1 * nanosPerMilli },
    ]);
    expect(calls).toEqual([
      { caller: 'gateway', callee: 'manager', callCount: 1, errorCount: 0, nanos: 7 * nanosPerMilli },
      { caller: 'manager', callee: 'llm', callCount: 2, errorCount: 1, nanos: 6 * nanosPerMilli },
    ]);
  });

  it('counts every span once', () => {
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const { services } = serviceGraph(buildTraceColumns(trace));
        expect(services.reduce((sum, { spanCount }) => sum + spanCount, 0)).toBe(trace.spans.length);
      }),
    );
  });
});
