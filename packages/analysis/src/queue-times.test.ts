import { nanosPerMilli } from '@spanwise/model';
import { drawTrace } from '@spanwise/testing';
import { describe, expect, it } from 'vitest';
import { buildTraceColumns, buildTree, findQueueTimes } from './index.ts';

function queues(drawing: string): (string | number)[][] {
  const columns = buildTraceColumns(drawTrace(drawing));
  return findQueueTimes(columns, buildTree(columns)).map(({ serverRow, beforeNanos, afterNanos }) => [
    columns.names[columns.nameIndex[serverRow]!]!,
    beforeNanos / nanosPerMilli,
    afterNanos / nanosPerMilli,
  ]);
}

describe('waiting between services', () => {
  it('is what a client span has around its server span, longest first', () =>
    expect(
      queues(`
        a   GET     |=========|      kind=client
         b  serve      |====|        kind=server
        c   GET     |==|             kind=client
         d  quick    ||              kind=server
      `),
    ).toEqual([
      ['serve', 3, 2],
      ['quick', 1, 1],
    ]));

  it('has no way back for a message, and none where the body streamed on', () =>
    expect(
      queues(`
        a   publish  |=|                kind=producer
         b  consume        |====|       kind=consumer
        a   POST     |===|              kind=client
         b  stream    |==========|      kind=server
      `),
    ).toEqual([
      ['consume', 6, 0],
      ['stream', 1, 0],
    ]));

  it('says nothing where the clocks contradict each other, or nothing was sent', () =>
    expect(
      queues(`
        b   serve    |====|     kind=server parent=@c
        a   GET        |====|   kind=client @c
         a  inner       |==|
      `),
    ).toEqual([]));
});
