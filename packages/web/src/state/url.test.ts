import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePreferences } from './preferences.ts';
import { formatQuery, formatTag, parseQuery, parseSearchState, tracesQueryOf } from './search-url.ts';
import { parseTraceState } from './trace-url.ts';

describe('the search page’s URL', () => {
  it('keeps what was searched', () => {
    const state = parseSearchState(
      parseQuery('?service=llm-proxy&tags=a%3D1&limit=50&sort=slowest&live=off'),
    );
    expect(state).toEqual({ service: 'llm-proxy', tags: 'a=1', limit: 50, sort: 'slowest', live: 'off' });
    expect(parseSearchState(parseQuery(formatQuery({ ...state })))).toEqual(state);
  });
  it('asks the API for the last hour by default, and for a range when one is given', () => {
    expect(tracesQueryOf({})).toBe('lookback=1h&limit=20');
    expect(tracesQueryOf({ start: 1, end: 2, lookback: '1h' })).toBe('start=1&end=2&limit=20');
  });
  it('opens whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (query) => {
        expect(() => tracesQueryOf(parseSearchState(query))).not.toThrow();
      }),
    );
  });
  it('leaves out what makes no sense', () =>
    expect(parseSearchState({ limit: '-3', lookback: 'long', start: '9', end: '1', sort: 'best' })).toEqual(
      {},
    ));
  it('quotes a tag’s value where it must', () => {
    expect(formatTag('k', 'v')).toBe('k=v');
    expect(formatTag('k', 'say "hi"')).toBe('k="say \\"hi\\""');
  });
});

describe('the trace page’s URL', () => {
  it('keeps span ids of digits as text', () =>
    expect(parseTraceState(parseQuery('?span=0000000000000017&view=logs'))).toEqual({
      span: '0000000000000017',
      view: 'logs',
    }));
  it('keeps the visible range', () =>
    expect(parseTraceState(parseQuery('?from=10&to=20'))).toEqual({ from: 10, to: 20 }));
  it('leaves out what makes no sense', () =>
    expect(parseTraceState({ span: 'zz', from: '20', to: '10', tab: 'x', view: 'map' })).toEqual({}));
});

describe('preferences', () => {
  it('are the defaults where storage holds something odd', () => {
    expect(parsePreferences('{').theme).toBe('system');
    expect(parsePreferences('{"theme":"pink","nameShare":7,"zone":"utc"}')).toMatchObject({
      theme: 'system',
      nameShare: 0.36,
      zone: 'utc',
    });
  });
});
