import type { AttributeValue } from '@spanwise/model';
import { unixNano } from '@spanwise/model';
import { encodeTraceRequest, jsonOfLogsRequest, jsonOfTraceRequest } from '@spanwise/otlp';
import { contentKeyPrefixes } from '@spanwise/semconv';
import { payloadPlaces } from '@spanwise/store/rows';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributes,
  decodeBytes,
  decodeLogs,
  decoderFor,
  decodeSpans,
  logRecord,
  resource,
  span,
} from '../testing/decode.ts';
import type { Row } from '../testing/read-rows.ts';
import { messageField, splitFields } from '../testing/wire.ts';

const strings = (sent: Readonly<Record<string, AttributeValue>>, decoder = decoderFor()) => {
  const { read } = decodeSpans([span({ attributes: attributes(sent) })], decoder);
  return stringsOf(read[0]!);
};
/** The marker's text apart, which has a test of its own. */
const stringsOf = (row: Row) => {
  const all = new Map(row.attributes_string as Map<string, string>);
  all.delete('spanwise.content.reasons');
  return Object.fromEntries(all);
};
/** What is kept apart from the row, by key; of events with their position. */
const payloadOf = (row: Row) =>
  Object.fromEntries(
    (row.payload as [number, number, string, number, string][]).map(([place, position, key, , text]) => [
      [...(place === 0 ? [] : [placeNames[place], position]), key].join(' ').trim(),
      text,
    ]),
  );
const placeNames = Object.fromEntries(Object.entries(payloadPlaces).map(([name, place]) => [place, name]));
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const agentStep = { 'gen_ai.operation.name': 'chat' };
/** One of each: content, masks, side doors, kinds, counts, metadata, unknown. */
const key = fc.constantFrom(
  'gen_ai.input.messages',
  'ai.response.providerMetadata',
  'url.full',
  'url.query',
  'db.query.text',
  'db.system.name',
  'exception.message',
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.usage.input_tokens',
  'gen_ai.response.time_to_first_chunk',
  'event.name',
  'spanwise.content.dropped',
  'note',
  '',
);
const prose = 'tell me about the weather in Paris';

describe('content keys, mode none', () => {
  it.each(contentKeyPrefixes.map((key) => [key]))('drops %s, and longer keys', (prefix) => {
    const bare = prefix.replace(/\.$/, '');
    const keys = [bare, `${bare}.0.message.content`, bare.toUpperCase()];
    for (const key of keys) expect(strings({ [key]: 'secret' }), key).toEqual({});
  });

  it.each([
    ['gen_ai.prompt.name'],
    ['gen_ai.prompt.version'],
    ['llm.prompt_template.version'],
    ['gen_ai.request.model'],
    ['gen_ai.usage.input_tokens'],
    ['http.route'],
    ['db.system.name'],
    ['tool.name'],
    ['session.id'],
    ['ai.usage.promptTokens'],
  ])('keeps %s', (key) => {
    expect(strings({ [key]: 'v1' })).toEqual({ [key]: 'v1' });
  });

  it.each([['http.request.body.size'], ['http.response.body.size']])('keeps %s', (key) => {
    const { read } = decodeSpans([span({ attributes: attributes({ [key]: 17n }) })]);
    expect(read[0]!.attributes_int).toEqual(new Map([[key, 17n]]));
  });

  it('leaves on the span how much it dropped, and counts it by service', () => {
    const { read, counters, contentDroppedByService } = decodeSpans([
      span({
        attributes: attributes({ 'input.value': 'a', 'output.value': 7n, 'url.full': 'http://a/?q=b' }),
      }),
    ]);
    expect(read[0]!.attributes_int).toEqual(
      new Map([
        ['spanwise.content.dropped', 2n],
        ['spanwise.content.reduced', 1n],
      ]),
    );
    expect((read[0]!.attributes_string as Map<string, string>).get('spanwise.content.reasons')).toBe(
      'content_key 2, url 1',
    );
    expect(counters).toEqual({ content_dropped: 3 });
    expect(contentDroppedByService).toEqual({ shop: 3 });
  });

  it('takes no markers from others', () => {
    const { read, counters } = decodeSpans([
      span({
        attributes: attributes({
          'spanwise.content.dropped': 99n,
          'spanwise.content.kept': 1n,
          'spanwise.content.reasons': 'none',
        }),
      }),
    ]);
    expect(read[0]).toMatchObject({ attributes_int: new Map(), attributes_string: new Map() });
    expect(counters).toEqual({});
  });

  const secret = 'secret';
  const map = (entries: Readonly<Record<string, AttributeValue>>) => attributes(entries) as AttributeValue;

  it.each<[string, Readonly<Record<string, AttributeValue>>]>([
    ['wrap{input.value}', { wrap: map({ 'input.value': secret }) }],
    ['wrap{gen_ai{prompt}}', { wrap: map({ gen_ai: map({ prompt: secret }) }) }],
    ['wrap2{gen_ai.input{messages}}', { wrap2: map({ 'gen_ai.input': map({ messages: secret }) }) }],
    [
      'a{b{gen_ai{input{messages}}}}',
      { a: map({ b: map({ gen_ai: map({ input: map({ messages: secret }) }) }) }) },
    ],
    ['my.gen_ai{prompt}', { 'my.gen_ai': map({ prompt: secret }) }],
    ['wrap{x.gen_ai{prompt}}', { wrap: map({ 'x.gen_ai': map({ prompt: secret }) }) }],
    ['[{gen_ai{prompt}}]', { list: [map({ gen_ai: map({ prompt: secret }) })] }],
    ['gen_ai[{prompt}]', { gen_ai: [map({ prompt: secret })] }],
    ['wrap{[{LLM{Input_Messages}}]}', { wrap: map({ a: [map({ LLM: map({ Input_Messages: secret }) })] }) }],
    [
      'wrap{exception{message}} of an agent',
      { 'llm.system': 'x', wrap: map({ exception: map({ message: 'no secret of four words' }) }) },
    ],
    ['wrap{url{full}}', { wrap: map({ url: map({ full: 'http://a/?q=secret' }) }) }],
    ['wrap{db{query{text}}}', { wrap: map({ db: map({ query: map({ text: "SELECT 'secret'" }) }) }) }],
  ])('finds %s wherever it may stand, in protobuf and JSON', (_, entries) => {
    const sent = attributes(entries);
    const event = { timeUnixNano: unixNano(0n), name: 'e', attributes: sent, droppedAttributesCount: 0 };
    const link = { ...span(), flags: 0, attributes: sent };
    const fields = {
      attributes: sent,
      resource: { ...resource({ 'service.name': 'shop' }), attributes: sent },
      scope: { ...span().scope, attributes: sent },
    };
    const spans = [span({ ...fields, events: [event], links: [link] })];
    const logs = [logRecord({ ...fields, body: map(entries) })];
    for (const { rows, rowCount } of [
      decodeSpans(spans),
      decodeLogs(logs),
      decodeBytes('spans', json(jsonOfTraceRequest(spans)), decoderFor(), 'json'),
      decodeBytes('logs', json(jsonOfLogsRequest(logs)), decoderFor(), 'json'),
    ]) {
      expect(rowCount).toBe(1);
      expect(Buffer.from(rows).includes(secret)).toBe(false);
    }
  });

  it('looks into nested maps, by key and by path', () => {
    const nested = new Map<string, AttributeValue>([
      ['input.value', 'secret'],
      ['input', new Map([['messages', 'secret']])],
      ['model', 'm'],
    ]);
    const { read } = decodeSpans([span({ attributes: attributes({ gen_ai: nested }) })]);
    expect(read[0]!.attributes_other).toEqual([
      ['gen_ai', 7, '{"map":[["input",{"map":[]}],["model","m"]]}'],
    ]);
  });
});

describe('masks, in every mode', () => {
  it.each([
    ['url.full', 'https://u:p@shop.example/a?q=secret&page=2#x', 'https://*@shop.example/a?q=*&page=*#x'],
    ['url.full', 'https://shop.example/a', 'https://shop.example/a'],
    ['url.full', 'https://shop.example/a#token=secret', 'https://shop.example/a#*'],
    ['http.url', 'http://shop/a?secret', 'http://shop/a?*'],
    ['http.target', '/a?q=secret', '/a?q=*'],
    ['url.query', 'q=secret&r', 'q=*&*'],
    ['url.query', '?q=secret', '?q=*'],
    ['mcp.resource.uri', 'https://u:p@docs.example/find/secret?q=secret#secret', 'https://docs.example/*'],
    ['mcp.resource.uri', 'file:///home/secret.md', 'file:///*'],
    ['mcp.resource.uri', 'note://secret/of/mine', 'note:*'],
    ['mcp.resource.uri', 'what is secret', '*'],
    [
      'db.query.text',
      "SELECT * FROM t WHERE a = 'sec''ret' AND b = 17",
      'SELECT * FROM t WHERE a = ? AND b = ?',
    ],
    ['db.statement', 'SELECT 1.5e3, .5, 0xff, -2 FROM t1', 'SELECT ?, ?, ?, -? FROM t1'],
    ['db.query.text', 'SELECT $1, :name, ? FROM a.b2 -- secret', 'SELECT $1, :name, ? FROM a.b2 '],
    ['db.query.text', 'SELECT /* secret */ 1', 'SELECT  ?'],
    ['db.query.text', 'SELECT $tag$secret$tag$, $$secret$$', 'SELECT ?, ?'],
    ['db.query.text', 'SELECT "secret"', 'SELECT ?'],
    ['db.query.text', "SELECT 'secret", 'SELECT ?'],
    ['db.query.text', "SELECT E'it\\'s secret'", 'SELECT ?'],
    ['db.statement', '{"find":"users","filter":{"name":"secret"}}', '{?:?,?:{?:?}}'],
  ])('%s: %s', (key, sent, kept) => {
    for (const mode of ['none', 'full'] as const) {
      expect(strings({ [key]: sent }, decoderFor(mode))).toEqual({ [key]: kept });
    }
  });

  it('leaves quoted names alone where the database quotes names', () => {
    const sent = { 'db.system.name': 'postgresql', 'db.query.text': `SELECT "id" FROM "t" WHERE a = 'x'` };
    expect(strings(sent)['db.query.text']).toBe('SELECT "id" FROM "t" WHERE a = ?');
  });

  it('leaves of a very long query text the first word', () => {
    const text = `INSERT INTO t VALUES ${'(1), '.repeat(20_000)}`;
    expect(strings({ 'db.query.text': text })).toEqual({ 'db.query.text': 'INSERT ?' });
  });

  it('leaves of a key-value command the command', () => {
    const sent = { 'db.system': 'redis', 'db.statement': 'SET user:1 secret' };
    expect(strings(sent)['db.statement']).toBe('SET ?');
  });
});

describe('side doors', () => {
  const exception = {
    timeUnixNano: unixNano(0n),
    name: 'exception',
    attributes: attributes({
      'exception.type': 'TypeError',
      'exception.message': prose,
      'exception.stacktrace': `TypeError: ${prose}\n  at f (a.js:1:1)`,
    }),
    droppedAttributesCount: 0,
  };
  const failed = { statusCode: 2, statusMessage: prose, events: [exception] } as const;

  it('stay open on ordinary spans', () => {
    const { read } = decodeSpans([span({ ...failed, attributes: attributes({ note: prose }) })]);
    expect(read[0]!.status_message).toBe(prose);
    expect(
      JSON.stringify(read[0]!.events, (_key, value) => (typeof value === 'bigint' ? 0 : value)),
    ).toContain(prose);
    expect(stringsOf(read[0]!)).toEqual({ note: prose });
  });

  it.each([
    ['gen_ai.operation.name', 'chat'],
    ['gen_ai.system', 'openai'],
    ['gen_ai.request.model', 'm'],
    ['gen_ai.tool.name', 'clock'],
    ['gen_ai.agent.name', 'planner'],
    ['gen_ai.data_source.id', 'handbook'],
    ['gen_ai.usage.input_tokens', 7n],
    ['mcp.method.name', 'tools/call'],
    ['openinference.span.kind', 'LLM'],
    ['llm.model_name', 'm'],
    ['embedding.model_name', 'm'],
    ['tool.name', 'clock'],
    ['agent.name', 'planner'],
    ['ai.operationId', 'ai.generateText'],
    ['ai.telemetry.functionId', 'f'],
    ['traceloop.span.kind', 'tool'],
    ['traceloop.entity.name', 'planner'],
    ['lmnr.span.type', 'LLM'],
    ['langfuse.observation.type', 'generation'],
    ['langfuse.session.id', 's'],
    ['mlflow.spanType', 'LLM'],
    ['agentops.span.kind', 'agent'],
    ['genkit:metadata:subtype', 'tool'],
  ])('are reduced on a span that carries %s', (key, value) => {
    const { read } = decodeSpans([
      span({
        ...failed,
        attributes: attributes({ note: prose, short: 'four words are fine', [key]: value }),
      }),
    ]);
    expect(read[0]!.status_message).toBe('[reduced: 34 bytes]');
    expect(stringsOf(read[0]!)).toEqual({
      note: '[reduced: 34 bytes]',
      short: 'four words are fine',
      ...(typeof value === 'string' && { [key]: value }),
    });
    expect((read[0]!.events as unknown[][])[0]![2]).toEqual([
      ['exception.type', 1, 'TypeError'],
      ['exception.message', 1, '[reduced: 34 bytes]'],
      ['exception.stacktrace', 1, '[reduced: 46 bytes]\n  at f (a.js:1:1)'],
    ]);
  });

  it.each(['session.id', 'user.id', 'metadata', 'http.request.body'])(
    'stay open for all that %s says',
    (key) => {
      const { read } = decodeSpans([span({ ...failed, attributes: attributes({ [key]: 'x' }) })]);
      expect(read[0]!.status_message).toBe(prose);
    },
  );

  it('are reduced whatever stands first on the wire', () => {
    const bytes = encodeTraceRequest([
      span({ ...failed, attributes: attributes({ 'gen_ai.system': 'openai' }) }),
    ]);
    const inner = (message: Uint8Array, number: number) =>
      splitFields(message).find((field) => field.number === number)!.body;
    const fields = splitFields(inner(inner(inner(bytes, 1), 2), 2)).map(({ raw }) => raw);
    for (const order of [fields, fields.toReversed()]) {
      const oneSpan = messageField(2, messageField(2, Buffer.concat(order)));
      const { read, rows } = decodeBytes('spans', messageField(1, oneSpan));
      expect(read[0]!.status_message).toBe('[reduced: 34 bytes]');
      expect(Buffer.from(rows).includes(prose)).toBe(false);
    }
  });

  it('are reduced where the key that tells is beyond the limit of attributes', () => {
    const filler = Object.fromEntries(Array.from({ length: 1_024 }, (_, index) => [`k${index}`, 1n]));
    const { read } = decodeSpans([
      span({ ...failed, attributes: attributes({ ...filler, 'gen_ai.system': 'openai' }) }),
    ]);
    expect(read[0]!.status_message).toBe('[reduced: 34 bytes]');
  });

  it('are reduced on an event that carries the key, on a span that does not', () => {
    const event = { ...exception, attributes: attributes({ 'exception.message': prose, 'llm.system': 'x' }) };
    const { read } = decodeSpans([span({ ...failed, events: [event, exception] })]);
    const [first, second] = read[0]!.events as unknown[][];
    expect(first![2]).toContainEqual(['exception.message', 1, '[reduced: 34 bytes]']);
    expect(second![2]).toContainEqual(['exception.message', 1, prose]);
  });

  it('are reduced everywhere in mode strict', () => {
    const [row] = decodeSpans(
      [span({ ...failed, attributes: attributes({ note: prose }) })],
      decoderFor('strict'),
    ).read;
    expect(row!.status_message).toBe('[reduced: 34 bytes]');
    expect(stringsOf(row!)).toEqual({ note: '[reduced: 34 bytes]' });
    expect(row!.attributes_int).toEqual(new Map([['spanwise.content.reduced', 4n]]));
    expect(row!.payload).toEqual([]);
  });

  it('include long text inside arrays and maps, and long bytes', () => {
    const { read } = decodeSpans([
      span({
        attributes: attributes({
          ...agentStep,
          list: [prose, 'ok'],
          map: new Map([['a', prose]]),
          blob: new Uint8Array(129),
        }),
      }),
    ]);
    expect(read[0]!.attributes_other).toEqual([
      ['list', 6, '["[reduced: 34 bytes]","ok"]'],
      ['map', 7, '{"map":[["a","[reduced: 34 bytes]"]]}'],
    ]);
  });
});

describe('GenAI events', () => {
  it.each([
    ['gen_ai.user.message'],
    ['gen_ai.choice'],
    ['gen_ai.client.inference.operation.details'],
    ['gen_ai.content.prompt'],
  ])('%s keeps metadata only, on spans and as a log record', (name) => {
    const sent = attributes({
      content: 'x',
      role: 'user',
      index: 0n,
      'gen_ai.request.model': 'm',
      message: 'x',
    });
    const kept = [
      ['role', 1, 'user'],
      ['index', 3, '0'],
      ['gen_ai.request.model', 1, 'm'],
    ];
    const event = { timeUnixNano: unixNano(0n), name, attributes: sent, droppedAttributesCount: 0 };
    expect((decodeSpans([span({ events: [event] })]).read[0]!.events as unknown[][])[0]![2]).toEqual(kept);
    for (const fields of [{ eventName: name }, { attributes: attributes({ 'event.name': name }) }]) {
      const { read } = decodeLogs([logRecord({ body: new Map([['content', 'x']]), ...fields })]);
      expect(read[0]).toMatchObject({ body_type: 0, body: '' });
      expect(read[0]!.attributes_int).toEqual(new Map([['spanwise.content.dropped', 1n]]));
    }
  });

  it('leave ordinary log bodies alone', () => {
    expect(decodeLogs([logRecord({ body: prose })]).read[0]).toMatchObject({ body: prose });
  });
});

describe('modes', () => {
  const sent = span({
    statusMessage: prose,
    attributes: attributes({
      ...agentStep,
      'input.value': 'secret question',
      'gen_ai.output.messages': ['secret', 'answer'],
      'url.full': 'http://a/?q=secret',
      note: prose,
      wrap: new Map<string, AttributeValue>([
        ['gen_ai', new Map([['prompt', 'secret']])],
        ['url.full', 'http://a/?q=secret'],
        ['model', 'm'],
      ]),
      blob: new Uint8Array(129).fill(7),
    }),
    events: [
      { timeUnixNano: unixNano(0n), name: 'first', attributes: new Map(), droppedAttributesCount: 0 },
      {
        timeUnixNano: unixNano(0n),
        name: 'gen_ai.user.message',
        attributes: attributes({ role: 'user', content: 'secret', 'url.full': 'http://a/?q=secret' }),
        droppedAttributesCount: 0,
      },
    ],
    links: [{ ...span(), flags: 0, attributes: attributes({ 'input.value': 'secret link' }) }],
    resource: { ...resource({ 'service.name': 'shop', 'gen_ai.prompt': 'secret resource' }) },
    scope: { ...span().scope, attributes: attributes({ 'ai.prompt': 'secret scope' }) },
  });

  it('full keeps what was sent apart from the row, with URLs masked all the same', () => {
    expect(payloadOf(decodeSpans([sent], decoderFor('full')).read[0]!)).toEqual({
      'input.value': 'secret question',
      'gen_ai.output.messages': '["secret","answer"]',
      note: prose,
      wrap: '{"map":[["gen_ai",{"map":[["prompt","secret"]]}],["url.full","http://a/?q=*"],["model","m"]]}',
      blob: Buffer.alloc(129, 7).toString('base64'),
      'statusMessage 0': prose,
      'eventAttribute 1 content': 'secret',
      'eventAttribute 1 url.full': 'http://a/?q=*',
      'linkAttribute 0 input.value': 'secret link',
      'resourceAttribute 0 gen_ai.prompt': 'secret resource',
      'scopeAttribute 0 ai.prompt': 'secret scope',
    });
  });

  it('hash keeps keyed hashes with lengths there, and nothing of the texts', () => {
    const decoded = (key: string) => decodeSpans([sent], decoderFor('hash', new TextEncoder().encode(key)));
    const { read, rows } = decoded('k');
    const hashes = payloadOf(read[0]!);
    expect(hashes['input.value']).toMatch(/^\[hmac-sha256: [0-9a-f]{64}, 15 bytes\]$/);
    expect(hashes.wrap).toMatch(/\["prompt","\[hmac-sha256: [0-9a-f]{64}, 6 bytes\]"\]/);
    expect(Object.keys(hashes)).toEqual(
      Object.keys(payloadOf(decodeSpans([sent], decoderFor('full')).read[0]!)),
    );
    expect(Buffer.from(rows).includes('secret')).toBe(false);
    expect(payloadOf(decoded('k').read[0]!)).toEqual(hashes);
    expect(payloadOf(decoded('other').read[0]!)['input.value']).not.toBe(hashes['input.value']);
  });

  it.each(['full', 'hash'] as const)('%s leaves in the row what none does, and says what it kept', (mode) => {
    const { payload, attributes_int, ...row } = decodeSpans([sent], decoderFor(mode, new Uint8Array(8)))
      .read[0]!;
    const none = decodeSpans([sent]).read[0]!;
    const withoutMarkers = (value: unknown) =>
      JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner)).replaceAll(
        /spanwise\.content\.(kept|hashed|dropped)/g,
        'spanwise.content',
      );
    const { payload: nothing, attributes_int: ints, ...rowOfNone } = none;
    expect(withoutMarkers(row)).toBe(withoutMarkers(rowOfNone));
    expect(nothing).toEqual([]);
    expect(ints).toEqual(
      new Map([
        ['spanwise.content.dropped', 7n],
        ['spanwise.content.reduced', 4n],
      ]),
    );
    expect(attributes_int).toEqual(
      new Map([
        ['spanwise.content.reduced', 2n],
        [mode === 'full' ? 'spanwise.content.kept' : 'spanwise.content.hashed', 9n],
      ]),
    );
  });

  it('hash without a key is none', () => {
    const { read } = decodeSpans([sent], decoderFor('hash'));
    expect(read).toEqual(decodeSpans([sent]).read);
  });

  it('full keeps a status message where readers look for it, behind whatever event', () => {
    const { read } = decodeSpans([{ ...sent, links: [] }], decoderFor('full'));
    expect(payloadOf(read[0]!)).toMatchObject({ 'statusMessage 0': prose });
  });

  it('full keeps bodies and attributes of log records there', () => {
    const { read } = decodeLogs(
      [
        logRecord({
          eventName: 'gen_ai.user.message',
          body: new Map([['content', 'secret']]),
          attributes: attributes({ content: 'x', role: 'user' }),
        }),
      ],
      decoderFor('full'),
    );
    expect(read[0]).toMatchObject({ body_type: 0, body: '' });
    expect(payloadOf(read[0]!)).toEqual({ 'body 0': '{"map":[["content","secret"]]}', content: 'x' });
  });
});

describe('large values', () => {
  const large = 'x'.repeat(16_385);
  it('stand apart from the row in every mode, of any type', () => {
    const event = {
      timeUnixNano: unixNano(0n),
      name: 'exception',
      attributes: attributes({ 'exception.stacktrace': large, 'exception.type': 'E' }),
      droppedAttributesCount: 0,
    };
    const sent = { large, list: [large], bytes: new Uint8Array(16_385), small: 'x'.repeat(16_384) };
    for (const mode of ['none', 'full'] as const) {
      const { read } = decodeSpans(
        [span({ attributes: attributes(sent), events: [event] }), span()],
        decoderFor(mode),
      );
      expect(Object.keys(payloadOf(read[0]!))).toEqual([
        'eventAttribute 0 exception.stacktrace',
        'large',
        'list',
        'bytes',
      ]);
      expect(stringsOf(read[0]!)).toEqual({ small: sent.small });
      expect(read[1]!.payload).toEqual([]);
    }
  });

  it('that are masked to less stay', () => {
    const sent = { 'db.query.text': `SELECT '${large}'` };
    expect(strings(sent)).toEqual({ 'db.query.text': 'SELECT ?' });
  });

  it('of a body stand apart; of a resource, which is in every row, they stay', () => {
    const { read } = decodeLogs([
      logRecord({ body: large, resource: resource({ 'service.name': 'shop', large }) }),
    ]);
    expect(read[0]).toMatchObject({ body_type: 0, body: '' });
    expect(payloadOf(read[0]!)).toEqual({ 'body 0': large });
  });
});

describe('any value under any kind of key', () => {
  const { value: anyValue } = fc.letrec<{ value: AttributeValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.boolean(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double(),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
      fc.constant(undefined),
      fc.array(tie('value'), { maxLength: 3 }),
      fc
        .dictionary(key, tie('value'), { maxKeys: 3 })
        .map((entries) => attributes(entries) as AttributeValue),
    ),
  }));

  it.each(['none', 'strict', 'hash', 'full'] as const)('makes rows in mode %s', (mode) => {
    const decoder = decoderFor(mode, new Uint8Array(8));
    fc.assert(
      fc.property(fc.dictionary(key, anyValue, { maxKeys: 6 }), anyValue, (entries, body) => {
        const sent = attributes(entries);
        const event = {
          timeUnixNano: unixNano(0n),
          name: 'gen_ai.choice',
          attributes: sent,
          droppedAttributesCount: 0,
        };
        expect(decodeSpans([span({ attributes: sent, events: [event] })], decoder).rowCount).toBe(1);
        expect(
          decodeLogs([logRecord({ attributes: sent, body, eventName: 'gen_ai.choice' })], decoder).rowCount,
        ).toBe(1);
      }),
      { numRuns: 300 },
    );
  });
});

describe('canary', () => {
  const canary = 'canary-5e1f0c';

  it('is in no byte, whatever content key it comes under, cut and nested however, in any place and encoding', () => {
    /** A value that holds the canary: text, bytes, lists and maps of them. */
    const { value: holding } = fc.letrec<{ value: AttributeValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ maxLength: 20 }).map((text) => `${text}${canary}`),
        fc.constant(new TextEncoder().encode(canary)),
        tie('value').map((value) => ['', value]),
        fc.tuple(fc.string({ maxLength: 8 }), tie('value')).map(([key, value]) => new Map([[key, value]])),
      ),
    }));
    /** A key as an attribute, or cut at some of its dots into maps, in maps and lists of other names. */
    const entry = fc
      .record({
        key: fc.constantFrom(...contentKeyPrefixes).map((prefix) => prefix.replace(/\.$/, '')),
        rest: fc.constantFrom('', '.0', '.0.message.content'),
        cuts: fc.nat(),
        outer: fc.array(fc.constantFrom('wrap', 'a.b', 'gen_ai', 'metadata_of')),
        listed: fc.boolean(),
        value: holding,
      })
      .map(({ key, rest, cuts, outer, listed, value }): [string, AttributeValue] => {
        const path: string[] = [...outer];
        for (const [index, part] of `${key}${rest}`.split('.').entries()) {
          if (index > 0 && (cuts >> index) % 2 === 0) path.push(`${path.pop()}.${part}`);
          else path.push(part);
        }
        const [first, ...inner] = path as [string, ...string[]];
        const nested = inner.reduceRight<AttributeValue>((item, name) => {
          const map = new Map([[name, item]]);
          return listed ? [map] : map;
        }, value);
        return [first, nested];
      });
    const decoders = (['none', 'strict'] as const).map((mode) => decoderFor(mode));
    fc.assert(
      fc.property(entry, ([key, value]) => {
        const sent = attributes({ [key]: value });
        const event = { timeUnixNano: unixNano(0n), name: 'e', attributes: sent, droppedAttributesCount: 0 };
        const fields = {
          attributes: sent,
          resource: { ...resource({ 'service.name': 'shop' }), attributes: sent },
          scope: { ...span().scope, attributes: sent },
        };
        const spans = [
          span({ ...fields, events: [event], links: [{ ...span(), flags: 0, attributes: sent }] }),
        ];
        const logs = [logRecord({ ...fields, body: sent })];
        for (const decoder of decoders) {
          for (const { rows, rowCount } of [
            decodeSpans(spans, decoder),
            decodeLogs(logs, decoder),
            decodeBytes('spans', json(jsonOfTraceRequest(spans)), decoder, 'json'),
            decodeBytes('logs', json(jsonOfLogsRequest(logs)), decoder, 'json'),
          ]) {
            expect(rowCount).toBe(1);
            expect(Buffer.from(rows).includes('canary-')).toBe(false);
            expect(Buffer.from(rows).includes(Buffer.from(canary).toString('base64').slice(0, 12))).toBe(
              false,
            );
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  const content = attributes({
    'gen_ai.input.messages': canary,
    'gen_ai.output.messages': [canary],
    'llm.input_messages.0.message.content': canary,
    'ai.prompt': new Map([['a', canary]]),
    'gen_ai.tool.call.arguments': new TextEncoder().encode(canary),
    outer: new Map<string, AttributeValue>([['inner', new Map([['output.value', canary]])]]),
    listed: [new Map([['traceloop.entity.input', canary]])],
    'url.full': `http://a/?q=${canary}`,
    'db.query.text': `SELECT '${canary}'`,
  });
  const event = { timeUnixNano: unixNano(0n), name: 'e', attributes: content, droppedAttributesCount: 0 };
  const link = {
    traceId: span().traceId,
    spanId: span().spanId,
    traceState: '',
    flags: 0,
    attributes: content,
    droppedAttributesCount: 0,
  };
  const scope = { ...span().scope, attributes: content };
  const withContent = { ...resource({ 'service.name': 'shop' }), attributes: content };

  it.each([
    ['span', { attributes: content }],
    ['event', { events: [event] }],
    ['link', { links: [link] }],
    ['resource', { resource: withContent }],
    ['scope', { scope }],
    [
      'status of an agent step',
      { attributes: attributes(agentStep), statusMessage: `no idea what ${canary} is for` },
    ],
    [
      'exception of an agent step',
      {
        attributes: attributes(agentStep),
        events: [{ ...event, attributes: attributes({ 'exception.message': canary }) }],
      },
    ],
  ])('is in no byte of the rows when it comes in: %s', (_name, fields) => {
    for (const mode of ['none', 'strict'] as const) {
      const { rows, rowCount } = decodeSpans([span(fields)], decoderFor(mode));
      expect(rowCount).toBe(1);
      expect(Buffer.from(rows).includes(canary)).toBe(false);
      expect(Buffer.from(rows).includes(Buffer.from(canary).toString('base64').slice(0, 12))).toBe(false);
    }
  });

  it.each([
    ['attributes', { attributes: content }],
    ['a body that is a map', { body: new Map([['gen_ai.input.messages', canary]]) }],
    ['the body of a GenAI event', { eventName: 'gen_ai.user.message', body: canary }],
    ['resource', { resource: withContent }],
    ['scope', { scope }],
  ])('is in no byte of the rows when it comes in a log record: %s', (_name, fields) => {
    const { rows, rowCount } = decodeLogs([logRecord(fields)]);
    expect(rowCount).toBe(1);
    expect(Buffer.from(rows).includes(canary)).toBe(false);
  });

  it('is there when content is allowed: the search can find it', () => {
    const { rows } = decodeSpans(
      [span({ attributes: attributes({ 'input.value': canary }) })],
      decoderFor('full'),
    );
    expect(Buffer.from(rows).includes(canary)).toBe(true);
  });
});
