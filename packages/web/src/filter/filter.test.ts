import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curlCommand, searchCommand } from './commands.ts';
import { completionsOf, type KnownNames, wantedAt } from './completions.ts';
import { fieldOf, formatConditions, parseConditions } from './conditions.ts';
import { readFacet, toggleExcluded, toggleIncluded, withoutFacet } from './facet-conditions.ts';
import { filterExamples } from './filter-examples.ts';
import { type FormSlot, formSlots, readForm, writeDurations, writeForm } from './form-conditions.ts';

const conditions = (text: string) => parseConditions(text)!;

describe('the form', () => {
  const write = (text: string, slot: FormSlot, value: string) => {
    const written = writeForm(conditions(text), slot, value);
    return written && formatConditions(written);
  };

  it('shows what the filter says', () =>
    expect(
      readForm(
        conditions(
          'service = "a" and name = "GET /" and status = error and k = "two words" and n = "5" and duration > 1500ms and duration <= 2s and tokens > 5',
        ),
      ),
    ).toEqual({
      service: 'a',
      operation: 'GET /',
      status: 'error',
      tags: 'k="two words" n=5',
      minDuration: '1.5s',
      maxDuration: '2s',
    }));

  it.each([
    ['', 'service', 'a', 'service = "a"'],
    [
      'tokens > 5 and service = "a" and root = true',
      'service',
      'b',
      'tokens > 5 and service = "b" and root = true',
    ],
    ['service = "a"', 'service', '', ''],
    ['a = 1 or b = 2', 'status', 'error', '(a = 1 or b = 2) and status = error'],
    ['not service = "a"', 'service', 'b', 'not service = "a" and service = "b"'],
    ['duration > 1s', 'minDuration', '100ms', 'duration >= 100ms'],
    ['x = "1" and y = 2 and z = "3"', 'tags', 'w=4', 'w = "4" and y = 2'],
  ] as const)('writes into %s: %s %s', (text, slot, value, expected) =>
    expect(write(text, slot, value)).toBe(expected),
  );

  it('waits for what is half written', () => {
    expect(write('root = true', 'minDuration', '100')).toBeUndefined();
    expect(write('root = true', 'tags', 'key')).toBeUndefined();
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.constantFrom<FormSlot>('service', 'operation'),
        (value, slot) => {
          fc.pre(value.trim() !== '');
          const text = write('root = true', slot, value) ?? '';
          expect(readForm(conditions(text))[slot]).toBe(value);
        },
      ),
    );
    expect(formSlots).toHaveLength(6);
  });

  it('takes a range of durations from the plot', () =>
    expect(formatConditions(writeDurations(conditions('duration > 5s and root = true'), 1e8, 2e9))).toBe(
      'duration >= 100ms and root = true and duration <= 2s',
    ));
});

describe('a facet', () => {
  const service = fieldOf('service');

  it('takes values in, beside each other, and out again', () => {
    const one = toggleIncluded(conditions('root = true'), service, 'a');
    expect(formatConditions(one)).toBe('root = true and service = "a"');
    const two = toggleIncluded(one, service, 'b');
    expect(formatConditions(two)).toBe('root = true and service in ("a", "b")');
    expect(formatConditions(toggleIncluded(two, service, 'a'))).toBe('root = true and service = "b"');
    expect(formatConditions(toggleIncluded(one, service, 'a'))).toBe('root = true');
  });

  it('leaves values out, and no longer', () => {
    const without = toggleExcluded(conditions('service = "a"'), service, 'a');
    expect(formatConditions(without)).toBe('not service = "a"');
    expect(readFacet(without, service)).toEqual({ included: [], excluded: ['a'] });
    expect(formatConditions(toggleExcluded(without, service, 'b'))).toBe('not service in ("a", "b")');
    expect(formatConditions(toggleExcluded(without, service, 'a'))).toBe('');
  });

  it('counts what there is to choose from', () =>
    expect(
      formatConditions(withoutFacet(conditions('service = "a" and not service = "b" and x = 1'), service)),
    ).toBe('x = 1'));

  it('writes enumerations as such, and keys that are names of fields in quotes', () => {
    expect(formatConditions(toggleIncluded([], fieldOf('status'), 'error'))).toBe('status = error');
    expect(formatConditions(toggleIncluded([], fieldOf('staus'), 'x'))).toBe('"staus" = "x"');
  });
});

describe('completion', () => {
  const known: KnownNames = {
    attributes: [
      { key: 'gen_ai.request.model', level: 'span' },
      { key: 'service.version', level: 'resource' },
      { key: 'odd key', level: 'span' },
    ],
    values: [
      { value: 'gateway', count: 412 },
      { value: 'llm "x"', count: 3 },
    ],
  };
  /** `|` is the caret. */
  const complete = (marked: string) => {
    const caret = marked.indexOf('|');
    const text = marked.replace('|', '');
    const wanted = wantedAt(text, caret);
    return wanted === undefined ? [] : completionsOf(text, wanted, known);
  };
  const labels = (marked: string) => complete(marked).map(({ label }) => label);
  const taken = (marked: string, label: string) => {
    const completion = complete(marked).find((one) => one.label === label);
    return (
      completion && `${completion.text.slice(0, completion.caret)}|${completion.text.slice(completion.caret)}`
    );
  };

  it('offers fields and keys where one may begin', () => {
    expect(labels('|').slice(0, 3)).toEqual(['service', 'name', 'kind']);
    expect(labels('serv|')).toEqual(['service', 'service.version', 'root_service']);
    expect(labels('(root = true or mod|')).toEqual(['model', 'gen_ai.request.model']);
    expect(labels('resource.|')).toEqual(['resource.service.version']);
    expect(labels('{odd|')).toEqual(['"odd key"']);
  });

  it('offers what the field takes', () => {
    expect(labels('kind |')).toEqual(['=', '!=', 'in']);
    expect(labels('duration |')).toEqual(['>', '>=', '<', '<=']);
    expect(labels('kind = c|')).toEqual(['client', 'consumer', 'unspecified', 'producer']);
    expect(labels('root = |')).toEqual(['true', 'false']);
    expect(labels('duration > p|')).toEqual(['p95(7d)', 'p99(7d)']);
    expect(labels('trace_duration > |')).toEqual(['100ms', '1s', '5s']);
    expect(labels('tokens > |')).toEqual([]);
  });

  it('offers values, of the field that stands before', () => {
    expect(labels('service = |')).toEqual(['gateway', 'llm "x"']);
    expect(labels('service = "ga|')).toEqual(['gateway']);
    expect(wantedAt('a = 1 and service in ("a", ', 27)?.field).toEqual(fieldOf('service'));
    expect(wantedAt('span."odd key" = ', 17)?.field).toEqual({
      type: 'attribute',
      level: 'span',
      key: 'odd key',
    });
  });

  it('goes on behind a condition', () => {
    expect(labels('service = "a" |')).toEqual(['and', 'or']);
    expect(labels('{service = "a"} |')).toEqual(['and', 'or', '>>', '>', '~']);
    expect(labels('(service = "a" |')).toEqual([')', 'and', 'or']);
  });

  it('says nothing inside what is whole, and behind a mistake', () => {
    expect(labels('service = "a"|')).toEqual([]);
    expect(labels('= and |')).toEqual([]);
  });

  it('puts the caret where it goes on', () => {
    expect(taken('ser| = "a"', 'service')).toBe('service |= "a"');
    expect(taken('service = lim|', 'llm "x"')).toBeUndefined();
    expect(taken('service = ll|', 'llm "x"')).toBe('service = "llm \\"x\\"" |');
    expect(taken('service |', 'in')).toBe('service in (|');
    expect(taken('service =| and x exists', 'gateway')).toBe('service ="gateway" |and x exists');
  });

  it('never fails, and only offers what goes on well', () => {
    const piece = fc.constantFrom(
      'service',
      '=',
      '"a"',
      'and',
      '(',
      ')',
      '{',
      '}',
      '>>',
      'in',
      ',',
      'duration',
      '>',
      '2s',
      'p99(7d)',
      'not',
      '"',
      'x.y',
    );
    fc.assert(
      fc.property(fc.array(piece), fc.nat(), (pieces, at) => {
        const text = pieces.join(' ');
        const caret = Math.min(at, text.length);
        for (const { text: next, caret: place } of complete(`${text.slice(0, caret)}|${text.slice(caret)}`)) {
          expect(place).toBeLessThanOrEqual(next.length);
        }
      }),
    );
  });
});

describe('the examples of the help', () => {
  const document = readFileSync(new URL('../../../../docs/filter-language.md', import.meta.url), 'utf8');
  it.each(filterExamples)('%s stands in the documentation and is a filter', (filter) => {
    expect(document).toContain(`\`${filter}\``);
    expect(parseConditions(filter)).toBeDefined();
  });
});

describe('commands', () => {
  it('hold whatever the filter holds', () =>
    expect(
      searchCommand({
        origin: 'http://127.0.0.1:16686',
        filter: `name = "it's"`,
        isOfTraces: true,
        order: 'cost',
        isAscending: false,
        window: '1d',
      }),
    ).toBe(`spanwise search --traces --order cost --lookback 1d 'name = "it'\\''s"'`));
  it('hold a fixed window', () =>
    expect(
      searchCommand({
        origin: 'http://h:1',
        filter: '',
        isOfTraces: false,
        order: 'time',
        isAscending: true,
        window: [0, 1_500],
      }),
    ).toBe(
      "spanwise search --asc --start 1970-01-01T00:00:00.000Z --end 1970-01-01T00:00:01.500Z --url 'http://h:1'",
    ));
  it('ask the API as the page does', () =>
    expect(
      curlCommand('http://h', '/api/v1/search/spans', new URLSearchParams({ filter: 'a = 1', limit: '5' })),
    ).toBe(
      `curl -sG 'http://h/api/v1/search/spans' --data-urlencode 'filter=a = 1' --data-urlencode 'limit=5'`,
    ));
});
