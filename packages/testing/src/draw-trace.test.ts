import { nanosPerMilli, spanKinds, statusCodes } from '@spanwise/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeTrace, drawTrace, spanIdOfName, traceArbitrary } from './index.ts';

const drawing = `
  gateway      POST /chat      |==============================|  kind=server
    manager    handle_message    |=========================|
      llm      chat gpt-4o           |==================|  kind=client model=gpt-4o in=120 out=30 first=5ms
      tools    search           |===|  error @tool tool=search op=execute_tool
  # the reply to nobody
  cron         "tidy  |  up"                               |  parent=? link=@tool
`;

describe('drawTrace', () => {
  const { spans } = drawTrace(drawing);
  const find = (name: string) => {
    const span = spans.find((candidate) => candidate.name === name);
    if (span === undefined) throw new Error(`no span ${name}`);
    return span;
  };

  it('reads a line as service, name and time, one character a millisecond', () => {
    const chat = find('chat gpt-4o');
    expect(chat.resource.serviceName).toBe('llm');
    expect(chat.startTimeUnixNano - find('POST /chat').startTimeUnixNano).toBe(6n * BigInt(nanosPerMilli));
    expect(chat.durationNanos).toBe(19 * nanosPerMilli);
    expect(find('tidy  |  up').durationNanos).toBe(1);
  });

  it('reads indentation as parents', () => {
    expect(find('POST /chat').parentSpanId).toBeUndefined();
    expect(find('handle_message').parentSpanId).toBe(find('POST /chat').spanId);
    expect(find('chat gpt-4o').parentSpanId).toBe(find('handle_message').spanId);
    expect(find('search').parentSpanId).toBe(find('handle_message').spanId);
    expect(find('tidy  |  up').parentSpanId).toBe('ffffffffffffffff');
  });

  it('reads the words behind the bar', () => {
    const chat = find('chat gpt-4o');
    expect(chat.kind).toBe(spanKinds.client);
    expect(Object.fromEntries(chat.attributes)).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 120n,
      'gen_ai.usage.output_tokens': 30n,
      'gen_ai.response.time_to_first_chunk': 0.005,
    });
    expect(find('search').statusCode).toBe(statusCodes.error);
    expect(find('search').spanId).toBe(spanIdOfName('tool'));
    expect(find('tidy  |  up').links.map((link) => link.spanId)).toEqual([spanIdOfName('tool')]);
  });

  it('gives spans by start', () => {
    expect(spans.map((span) => span.name)).toEqual([
      'POST /chat',
      'search',
      'handle_message',
      'chat gpt-4o',
      'tidy  |  up',
    ]);
  });

  it.each([
    ['a line without a bar', 'web  GET /'],
    ['an unknown word', 'web  GET /  |==|  slow'],
    ['an unknown kind', 'web  GET /  |==|  kind=caller'],
    ['a name that is too long', 'web  GET /  |==|  @much-too-long'],
    ['a time without a unit', 'web  GET /  |==|  first=5'],
  ])('refuses %s', (_, line) => {
    expect(() => drawTrace(line)).toThrow(SyntaxError);
  });
});

describe('describeTrace', () => {
  it('draws what drawTrace reads', () => {
    const drawn = `
gateway    POST /chat      |==============================|  kind=server
  manager  handle_message    |=========================|
    tools  search           |===|  error  op=execute_tool  tool=search  @tool
    llm    chat gpt-4o           |==================|  kind=client  model=gpt-4o  in=120  out=30
cron       "tidy  |  up"                               |  parent=?  link=@tool`;
    expect(`\n${describeTrace(drawTrace(drawn))}`).toBe(drawn);
  });

  it('comes back as the same trace, whatever the trace', () => {
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const [earliest] = trace.spans.map((span) => span.startTimeUnixNano).sort();
        const back = drawTrace(describeTrace(trace), earliest && { startTimeUnixNano: earliest });
        expect(new Set(back.spans)).toEqual(new Set(trace.spans));
        expect(back.spans).toHaveLength(trace.spans.length);
      }),
    );
  });
});
