import type { Span, Trace } from '@spanwise/model';
import { drawTrace, filterArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateFilter } from './evaluate-filter.ts';
import { formatFilter } from './format-filter.ts';
import { parseFilter } from './parse-filter.ts';

function treeOf(text: string) {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.filter;
}

/** Names of the spans that satisfy a filter. */
function found(trace: Trace, text: string): readonly string[] {
  const holds = evaluateFilter(
    treeOf(text),
    trace.spans.map((span) => ({ span })),
    {
      percentileNanos: ({ name }) => (name === 'slow' ? 5_000_000 : undefined),
      createMatcher: (pattern) => {
        const whole = new RegExp(`^(?:${pattern})$`, 'su');
        return (value) => whole.test(value);
      },
    },
  );
  return trace.spans.filter((_, index) => holds[index]).map(({ name }) => name);
}

describe('text and tree', () => {
  it('are the same: every tree is read back from its text', () => {
    fc.assert(
      fc.property(filterArbitrary, (filter) => {
        expect(treeOf(formatFilter(filter))).toEqual(filter);
      }),
    );
  });

  it('no text makes the parser fall', () => {
    const piece = fc.constantFrom(
      ...['and', 'or', 'not', '(', ')', '{', '}', '>>', '>', '~', '=', '=~', 'in', ',', 'exists', '"a"', "'"],
      ...['service', 'duration', 'p99', '7d', '2', '-', '\\', 'x.y', 'event.', 'true', '\u0000', '💥'],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join(' ')),
        ),
        (text) => {
          const parsed = parseFilter(text);
          if (parsed.ok) expect(treeOf(formatFilter(parsed.filter))).toEqual(parsed.filter);
          else expect(parsed.error.from).toBeLessThanOrEqual(text.length);
        },
      ),
    );
  });
});

describe('structure', () => {
  const trace = drawTrace(`
    gateway  top      |==================|
      a      left      |=======|
        b    below      |====|
          b  deep        |==|
      a      right              |====|   error
    lone     orphan        |=|           parent=?
    lone     second        |=|
  `);

  it.each([
    ['{name = "left"} > {}', ['below']],
    ['{name = "left"} >> {}', ['below', 'deep']],
    ['{name = "top"} >> {service = "b"}', ['below', 'deep']],
    ['{name = "top"} > {} > {}', ['below']],
    ['{name = "left"} ~ {}', ['right']],
    ['{service = "a"} ~ {service = "a"}', ['left', 'right']],
    ['{} > {}', ['left', 'below', 'deep', 'right']],
    ['{root = true} ~ {}', []],
    ['not {} >> {}', ['top', 'orphan', 'second']],
    ['{status = error} ~ {name = "left"} >> {name = "deep"}', ['deep']],
  ])('%s', (text, names) => {
    expect([...found(trace, text)].sort()).toEqual([...names].sort());
  });

  it('ends in circles of parents', () => {
    const circle = drawTrace(`
      s one    |==|  @a parent=@b
      s two    |==|  @b parent=@a
    `);
    expect(found(circle, '{name = "one"} >> {}').length).toBe(2);
    expect(found(circle, '{name = "none"} >> {}')).toEqual([]);
  });
});

describe('values', () => {
  const one = drawTrace('s slow |==========|').spans[0]!;
  const holds = (text: string, more: Partial<Span>) =>
    found({ traceId: one.traceId, spans: [{ ...one, ...more }] }, text).length === 1;

  it.each([
    ['n = 3', 3n, true],
    ['n = 3', 3, true],
    ['n = 3', '3', false],
    ['n = "3"', '3', true],
    ['n = "3"', 3n, true],
    ['n = "3.0"', 3, false],
    ['n != "x"', 'y', true],
    ['n != "x"', 'x', false],
    ['n = true', true, true],
    ['n = "true"', true, true],
    ['n = true', 'true', false],
    ['n > 2.5', 3n, true],
    ['n < 2.5', 3n, false],
    ['n > 2.5', Number.NaN, false],
    ['n = 9007199254740993', 9_007_199_254_740_992n, false],
    ['n =~ "a+"', 'aaa', true],
    ['n =~ "a+"', 'baaa', false],
    ['n !~ "a+"', 'baaa', true],
    ['n in ("x", 3)', 3n, true],
    ['n = "x"', ['x'] as const, false],
    ['n exists', ['x'], true],
  ])('%s of %s', (text, value, expected) => {
    expect(holds(text, { attributes: new Map([['n', value]]) })).toBe(expected);
  });

  it('a span without the field satisfies no comparison, and each negation', () => {
    for (const text of [
      'n = "x"',
      'n != "x"',
      'n =~ ".*"',
      'n !~ "x"',
      'n exists',
      'model != "x"',
      'tokens < 1',
    ]) {
      expect([text, holds(text, {}), holds(`not ${text}`, {})]).toEqual([text, false, true]);
    }
  });

  it('are looked for on every level, unless one is named', () => {
    const event = {
      timeUnixNano: one.startTimeUnixNano,
      name: 'retry',
      attributes: new Map([['n', 2n]]),
      droppedAttributesCount: 0,
    };
    expect(holds('n = 2', { events: [event] })).toBe(true);
    expect(holds('event.n = 2 and event_name = "retry"', { events: [event] })).toBe(true);
    expect(holds('span.n = 2', { events: [event] })).toBe(false);
  });

  it('durations are compared with the history of the operation, where there is one', () => {
    expect(holds('duration > p99(7d)', {})).toBe(true);
    expect(holds('duration < p99(7d)', {})).toBe(false);
    expect(holds('duration > p99(7d)', { name: 'new' })).toBe(false);
  });
});
