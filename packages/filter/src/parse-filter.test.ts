import { describe, expect, it } from 'vitest';
import { filterBounds } from './filter-bounds.ts';
import { formatFilter } from './format-filter.ts';
import { parseFields, parseFilter } from './parse-filter.ts';

function parsed(text: string) {
  const result = parseFilter(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.filter;
}

function refusal(text: string) {
  const result = parseFilter(text);
  if (result.ok) throw new Error(`taken: ${formatFilter(result.filter)}`);
  return result.error;
}

const attribute = (key: string) => ({ type: 'attribute', key });
const intrinsic = (name: string) => ({ type: 'intrinsic', name });

describe('what a filter may say', () => {
  it('reads the example of the specification', () => {
    const text =
      'service = "llm-proxy" and duration > 2s and not status = ok and (gen_ai.request.model =~ "gpt-4.*" or tool.name exists)';
    expect(parsed(text)).toEqual({
      type: 'all',
      parts: [
        {
          type: 'comparison',
          field: intrinsic('service'),
          operator: '=',
          value: { type: 'string', value: 'llm-proxy' },
        },
        {
          type: 'comparison',
          field: intrinsic('duration'),
          operator: '>',
          value: { type: 'duration', nanos: 2e9 },
        },
        {
          type: 'not',
          part: {
            type: 'comparison',
            field: intrinsic('status'),
            operator: '=',
            value: { type: 'string', value: 'ok' },
          },
        },
        {
          type: 'any',
          parts: [
            { type: 'match', field: attribute('gen_ai.request.model'), operator: '=~', pattern: 'gpt-4.*' },
            { type: 'exists', field: attribute('tool.name') },
          ],
        },
      ],
    });
    expect(formatFilter(parsed(text))).toBe(text);
  });

  it.each([
    ['', ''],
    ['NOT a=1 OR b=2 AND c=3', 'not a = 1 or (b = 2 and c = 3)'],
    ['span.name = \'x\' and resource."odd key" != 2.5', 'span.name = "x" and resource."odd key" != 2.5'],
    ['"service" = "an attribute"', '"service" = "an attribute"'],
    ['kind in (server,"client")', 'kind in (server, client)'],
    ['duration >= 1m30s and duration < 1500us', 'duration >= 90s and duration < 1.5ms'],
    ['duration > p99(7d)', 'duration > p99(7d)'],
    [
      '{name = "a"} >> {} > {root = true} ~ {cost > 0.10}',
      '{name = "a"} >> {} > {root = true} ~ {cost > 0.1}',
    ],
    ['a = -3 and b = 1e3 and c = 2.0', 'a = -3 and b = 1000.0 and c = 2.0'],
    ['path =~ "/v\\d+/\\"x\\""', 'path =~ "/v\\\\d+/\\"x\\""'],
    ['{{a exists}}', 'a exists'],
  ])('%s', (text, formatted) => {
    expect(formatFilter(parsed(text))).toBe(formatted);
    expect(parsed(formatted)).toEqual(parsed(text));
  });

  it('keeps 64-bit numbers whole', () => {
    expect(parsed('id = 9007199254740993')).toMatchObject({ value: { value: 9007199254740993n } });
    expect(parsed('id = 9223372036854775808')).toMatchObject({ value: { value: 2 ** 63 } });
  });

  it('names the attributes it asks for, and where', () => {
    const result = parseFilter('a.b exists and resource."c d" = 1 and service = "x"');
    expect(result.ok && result.attributes).toEqual([
      { key: 'a.b', from: 0, to: 3 },
      { level: 'resource', key: 'c d', from: 15, to: 29 },
    ]);
  });
});

describe('what is refused', () => {
  it.each([
    [
      'service = "a" and name',
      'expected an operator at column 23: =, !=, <, <=, >, >=, =~, !~, in, exists; the filter ends there',
    ],
    ['service = "a" and x = ', 'expected a value at column 23; the filter ends there'],
    ['service = llm-proxy', 'expected a value at column 11 in quotes: "llm-proxy"; found llm-proxy'],
    [
      'servce = "a"',
      'no field servce at column 1; did you mean service? An attribute of that name stands in quotes: "servce"',
    ],
    ['status = eror', 'expected unset, ok, error at column 10; found eror; did you mean error?'],
    ['duration > 2', 'expected a duration at column 12 such as 2s or 1.5ms; found 2'],
    ['x > 2s', 'expected a value at column 5 without a unit: attributes have none; found 2s'],
    ['x > "a"', '> at column 3 compares numbers and durations only'],
    ['(a = 1', 'expected `)`, `and` or `or` at column 7 to close the `(` of column 1; the filter ends there'],
    ['a = 1)', 'expected `and`, `or` or the end at column 6; found )'],
    ['a = 1 b = 2', 'expected `and`, `or` or the end at column 7; found b'],
    ['a = "x', 'the quote of column 5 is not closed'],
    ['a = 12abc', 'expected a value at column 5; found 12abc'],
    ['; drop', 'expected a field at column 1; found ;'],
    ['and', 'expected a field at column 1; found and'],
    ['a in ()', 'expected a value at column 7; found )'],
    ['{a = 1} >> b', 'expected `{` at column 12; found b'],
    ['status =~ "o.*"', '=~ at column 8 is for texts; status is none'],
    ['a =~ "(x"', 'the pattern at column 6 is none: `(` without its `)`, after 0 of its characters'],
    [
      'a =~ "x(?=y)"',
      'the pattern at column 6 is none: RE2 has no groups of this kind, after 1 of its characters',
    ],
    ['cost > p99(7d)', 'p99(…) at column 8 stands only in duration >, >=, < or <= p99(…)'],
    ['duration > p99(91d)', 'expected at most 90d at column 16'],
    ['duration > p99(x)', 'expected how far to look back at column 16 such as 7d or 12h; found x'],
    ['a = 1e999', 'the number at column 5 is too large'],
    ['"" exists', 'an empty key at column 1'],
    ['event. exists', 'expected a key of the event at column 8; found exists'],
  ])('%s', (text, message) => {
    expect(refusal(text).message).toBe(message);
  });

  it('says where, and what was meant', () => {
    expect(refusal('a = 1 and servce = "x"')).toMatchObject({ from: 10, to: 16, didYouMean: 'service' });
  });

  it.each([
    ['length', `a = "${'x'.repeat(filterBounds.characters)}"`, /at most 4096 characters/],
    ['depth', '('.repeat(filterBounds.depth + 1), /more than 32 levels at column 33/],
    ['depth of not', 'not '.repeat(100_000).slice(0, 4_000), /more than 32 levels/],
    [
      'terms',
      Array(filterBounds.terms + 1)
        .fill('a = 1')
        .join(' or '),
      /more than 100 conditions and values/,
    ],
    ['values', `a in (${Array(filterBounds.terms + 1).fill(1)})`, /more than 100 conditions and values/],
    ['structure', Array(6).fill('{a exists}').join(' > '), /more than 4 of >>, > and ~/],
  ])('too much: %s', (_, text, message) => {
    expect(refusal(text).message).toMatch(message);
  });
});

describe('fields alone', () => {
  it('are what a filter takes for some', () => {
    expect(parseFields('resource.host.name, service,"a,b"')).toEqual({
      ok: true,
      fields: [
        { type: 'attribute', level: 'resource', key: 'host.name' },
        intrinsic('service'),
        attribute('a,b'),
      ],
    });
    expect(parseFields('')).toEqual({ ok: true, fields: [] });
    expect(parseFields('a = 1')).toMatchObject({ ok: false, error: { from: 2 } });
  });
});
