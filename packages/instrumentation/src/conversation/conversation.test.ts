import { EventEmitter, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { context, propagation } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { drawTree, startSpanRecorder } from '../testing/span-recorder.ts';
import { traced } from '../traced/traced.ts';
import { bindTrace, continueTrace, injectTrace } from './carry-context.ts';
import { withConversation } from './conversation.ts';

const recorder = startSpanRecorder();
propagation.disable();
propagation.setGlobalPropagator(
  new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
);
beforeEach(() => recorder.clear());
afterEach(() => vi.unstubAllEnvs());

describe('a conversation', () => {
  it('marks agents and model calls in it, and the user is a pseudonym', () => {
    vi.stubEnv('SPANWISE_USER_ID_KEY', 'a key');
    withConversation({ conversationId: 'c-17', userId: 'ada@example.com' }, () => {
      traced.agent({ name: 'support' }, () => traced.llm({ model: 'm', provider: 'p' }, () => {}));
      expect(JSON.stringify(injectTrace())).not.toContain('ada');
    });
    const marks = {
      'gen_ai.conversation.id': 'c-17',
      // HMAC-SHA-256('a key', 'ada@example.com'), first half.
      'enduser.pseudo.id': expect.stringMatching(/^[0-9a-f]{32}$/),
    };
    expect(recorder.getSpan('invoke_agent support').attributes).toMatchObject(marks);
    expect(recorder.getSpan('chat m').attributes).toMatchObject(marks);
    const [pseudonym, same] = ['invoke_agent support', 'chat m'].map(
      (name) => recorder.getSpan(name).attributes['enduser.pseudo.id'],
    );
    expect(pseudonym).toBe(same);
    vi.stubEnv('SPANWISE_USER_ID_KEY', 'another');
    withConversation({ userId: 'ada@example.com' }, () => traced.agent({ name: 'other' }, () => {}));
    expect(recorder.getSpan('invoke_agent other').attributes['enduser.pseudo.id']).not.toBe(pseudonym);
  });

  it('keeps an id that is a pseudonym already, and what an agent says itself', () => {
    withConversation({ conversationId: 'c-1', userId: 'u-5', isUserIdPseudonymous: true }, () =>
      traced.agent({ name: 'a', conversationId: 'c-2' }, () => {}),
    );
    expect(recorder.getSpan('invoke_agent a').attributes).toMatchObject({
      'gen_ai.conversation.id': 'c-2',
      'enduser.pseudo.id': 'u-5',
    });
  });

  it('takes no sentence for an id, from nobody', () => {
    const sentence = 'please cancel my order';
    withConversation({ conversationId: sentence, userId: sentence, isUserIdPseudonymous: true }, () =>
      traced.agent({ name: 'a' }, () => {}),
    );
    continueTrace({ baggage: 'gen_ai.conversation.id=please%20cancel%20my%20order' }, () =>
      traced.agent({ name: 'b' }, () => {}),
    );
    for (const { attributes } of recorder.spans()) expect(JSON.stringify(attributes)).not.toContain('cancel');
  });

  it('goes on in another service', () => {
    const headers = withConversation({ conversationId: 'c-9' }, () => traced.step('call', injectTrace));
    continueTrace(headers, () => traced.agent({ name: 'there' }, () => {}));
    expect(recorder.getSpan('invoke_agent there').attributes['gen_ai.conversation.id']).toBe('c-9');
    expect(drawTree(recorder.spans())).toEqual(['call', 'invoke_agent there < call']);
  });
});

it('what may stand in no header goes no further, the trace does', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  for (const baggage of ['team=search;a=\0', 'team=€', 17 as unknown as string]) {
    expect(continueTrace({ traceparent, baggage }, injectTrace)).toEqual({ traceparent });
  }
});

describe('the trace goes along', () => {
  it('into callbacks and events that somebody else fires', () => {
    const emitter = new EventEmitter();
    const callback = traced.step('outer', () => {
      bindTrace(emitter);
      emitter.on('data', () => traced.step('on event', () => {}));
      return bindTrace(() => traced.step('in callback', () => {}));
    });
    callback();
    emitter.emit('data');
    expect(drawTree(recorder.spans())).toEqual(['outer', 'in callback < outer', 'on event < outer']);
  });

  it('into timers, promises and generators by itself', async () => {
    await traced.step('outer', async () => {
      await new Promise<void>((resolve) => setImmediate(() => traced.step('in timer', () => resolve())));
      for await (const _ of traced.step('stream', async function* () {
        yield traced.step('in stream', () => 1);
      }));
    });
    expect(drawTree(recorder.spans())).toEqual(
      expect.arrayContaining(['in timer < outer', 'in stream < stream', 'stream < outer', 'outer']),
    );
  });

  it('into a worker thread that is given it', async () => {
    const worker = traced.step(
      'outer',
      () =>
        new Worker(
          'const { parentPort, workerData } = require("node:worker_threads"); parentPort.postMessage(workerData)',
          {
            eval: true,
            workerData: injectTrace(),
          },
        ),
    );
    const [carrier] = await once(worker, 'message');
    continueTrace(carrier, () => traced.step('in worker', () => {}));
    expect(drawTree(recorder.spans())).toEqual(['outer', 'in worker < outer']);
  });
});

it('a span as long as a block is the parent of what runs in it, and ends with the block', () => {
  {
    using span = traced.open('load', { attributes: { rows: 3 } });
    traced.step('beside', () => {});
    span.run(() => traced.step('inside', () => {}));
    expect(recorder.spans().map(({ name }) => name)).toEqual(['beside', 'inside']);
  }
  expect(drawTree(recorder.spans())).toEqual(['beside', 'inside < load', 'load']);
  expect(context.active()).toBeDefined();
});
