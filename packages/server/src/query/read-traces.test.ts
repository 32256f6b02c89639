import { traceId } from '@spanwise/model';
import { drawTrace } from '@spanwise/testing';
import { describe, expect, it } from 'vitest';
import { limits } from '../limits.ts';
import { tracesInOrder } from './grpc/traces-in-order.ts';
import { readTraces } from './read-traces.ts';

const ids = Array.from({ length: 10 }, (_, index) => traceId(String(index + 1).padStart(32, '0')));
const { spans } = drawTrace('web  GET /  |==|');

/** Every second trace is there; each has a quarter of what one answer takes. */
function readerOf(asked: string[]) {
  return {
    trace: async (_tenant: number, id: (typeof ids)[number]) => {
      asked.push(id);
      if (Number(id) % 2 === 0) return undefined;
      const large = Array.from({ length: limits.jaegerSpans.value / 4 }, () => spans[0]!);
      return { traceId: id, spans: large };
    },
    traceGroups: async (_tenant: number, asked: typeof ids) => [
      { ids: asked.slice(0, 2), read: async () => new Map([[asked[0]!, { traceId: asked[0]!, spans }]]) },
      { ids: asked.slice(2), read: async () => undefined },
    ],
    until() {
      return this;
    },
  };
}

describe('readTraces', () => {
  it('says what is not there and what was left out', async () => {
    const read = await readTraces(readerOf([]), 0, ids, (trace) => trace.spans.length);
    expect(read.spanCount).toBeGreaterThanOrEqual(limits.jaegerSpans.value);
    expect(read.leftOut.length).toBeGreaterThan(0);
    expect(read.missing).toContain(ids[1]);
    // Of a group that was read at once.
    expect(read.found.get(ids[0]!)).toBe(1);
    expect(read.found.size + read.missing.length + read.leftOut.length).toBe(ids.length);
  });
});

describe('tracesInOrder', () => {
  it('gives all that is there, in order', async () => {
    const read: string[] = [];
    for await (const trace of tracesInOrder(readerOf([]), 0, ids)) read.push(trace.traceId);
    expect(read).toEqual([ids[0], ids[2], ids[4], ids[6], ids[8]]);
  });

  it('reads no further than one ahead', async () => {
    const asked: string[] = [];
    for await (const trace of tracesInOrder(readerOf(asked), 0, ids)) {
      expect(trace.traceId).toBe(ids[0]);
      break;
    }
    expect(asked).toEqual(ids.slice(0, 2));
  });

  it('fails when its turn has come', async () => {
    const failing = {
      trace: async (_: number, id: (typeof ids)[number]) => {
        if (id !== ids[0]) throw new Error('no');
        return { traceId: id, spans };
      },
      until() {
        return this;
      },
    };
    const read = tracesInOrder(failing, 0, ids);
    expect((await read.next()).value?.traceId).toBe(ids[0]);
    await expect(read.next()).rejects.toThrow('no');
  });
});
