import { type Span, spanId, traceId, unixNano } from '@spanwise/model';
import { drawTrace } from '@spanwise/testing';
import { expect, it } from 'vitest';
import { encodeTraceRequest } from './encode-request.ts';
import { jsonOfTraceRequest } from './json-of-request.ts';
import { spansOfRequest } from './spans-of-request.ts';
import { transcodeJsonRequest } from './transcode-json.ts';

const limits = {
  attributesPerElement: 10,
  distinctKeys: 100,
  keyBytes: 100,
  valueBytes: 1_000,
  eventsPerSpan: 2,
  linksPerSpan: 2,
  nestingDepth: 10,
};

const [root, child] = drawTrace(`
web      GET /   |=========|  kind=server
  agent  run       |====|     error`).spans as [Span, Span];
const rich: Span = {
  ...root,
  traceState: 'a=b',
  flags: 257,
  attributes: new Map<string, string | boolean>([
    ['text', 'ü'],
    ['yes', true],
  ]),
  droppedAttributesCount: 1,
  events: [
    {
      timeUnixNano: unixNano(5n),
      name: 'retry',
      attributes: new Map([['a', 'b']]),
      droppedAttributesCount: 2,
    },
  ],
  droppedEventsCount: 3,
  links: [
    {
      traceId: traceId('c'.repeat(32)),
      spanId: spanId('d'.repeat(16)),
      traceState: '',
      flags: 1,
      attributes: new Map([['l', 'm']]),
      droppedAttributesCount: 0,
    },
  ],
  droppedLinksCount: 4,
};

it('reads what was written, in both encodings', () => {
  const spans = [rich, child];
  expect(spansOfRequest(encodeTraceRequest(spans), limits)).toEqual(spans);
  const json = new TextEncoder().encode(JSON.stringify(jsonOfTraceRequest(spans)));
  expect(spansOfRequest(transcodeJsonRequest('spans', json), limits)).toEqual(spans);
});

it('counts what it leaves out', () => {
  const many = { ...rich, events: Array.from({ length: 5 }, () => rich.events[0]!) };
  const [span] = spansOfRequest(encodeTraceRequest([many]), limits);
  expect(span?.events).toHaveLength(2);
  expect(span?.droppedEventsCount).toBe(3 + 3);
});
