import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePreferences } from './preferences.ts';
import {
  formatQuery,
  isSameSearch,
  listQueryOf,
  parseQuery,
  parseSearchState,
  searchedQueryOf,
  searchFor,
  searchForAttribute,
} from './search-url.ts';
import { parseTraceState } from './trace-url.ts';

describe('the search page’s URL', () => {
  it('keeps what was searched, with the filter as it was typed', () => {
    const filter = 'service="llm-proxy"  and duration>2s';
    const state = parseSearchState(
      parseQuery(`?filter=${encodeURIComponent(filter)}&order=cost&direction=asc&show=spans&live=off`),
    );
    expect(state).toEqual({ filter, order: 'cost', direction: 'asc', show: 'spans', live: 'off' });
    expect(parseSearchState(parseQuery(formatQuery({ ...state })))).toEqual(state);
  });
  it('asks the API for the last hour by default, and for a range when one is given', () => {
    expect(searchedQueryOf({}).toString()).toBe('lookback=1h');
    expect(searchedQueryOf({ start: 1, end: 2, lookback: '1h' }).toString()).toBe('start=1&end=2');
    expect(listQueryOf({ filter: 'a = 1' }).toString()).toBe(
      'filter=a+%3D+1&lookback=1h&order=time&direction=desc&limit=50',
    );
  });
  it('understands links from before there was a filter', () =>
    expect(
      parseSearchState(
        parseQuery(
          '?service=llm-proxy&operation=POST+%2Fchat&tags=a%3D1+b%3D%22two+words%22&minDuration=1.5s&sort=slowest',
        ),
      ),
    ).toEqual({
      filter:
        'service = "llm-proxy" and name = "POST /chat" and a = "1" and b = "two words" and duration >= 1.5s',
      order: 'duration',
    }));
  it('adds what such a link says to a filter, and nothing to half a one', () => {
    expect(parseSearchState({ filter: 'a = 1 or b = 2', service: 'x' }).filter).toBe(
      '(a = 1 or b = 2) and service = "x"',
    );
    expect(parseSearchState({ filter: 'a =', service: 'x' }).filter).toBe('a =');
  });
  it('is the same whatever the order in which it was put together', () => {
    expect(isSameSearch({ lookback: '1h', filter: 'a = 1' }, { filter: 'a = 1', lookback: '1h' })).toBe(true);
    expect(isSameSearch({ filter: 'a = 1' }, { filter: 'a = 2' })).toBe(false);
  });
  it('opens whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (query) => {
        expect(() => listQueryOf(parseSearchState(query))).not.toThrow();
      }),
    );
  });
  it('leaves out what makes no sense', () =>
    expect(
      parseSearchState({ order: 'best', lookback: 'long', start: '9', end: '1', show: 'x', direction: 'up' }),
    ).toEqual({}));
  it('leads to what has a value, also where its key is the name of a field', () => {
    expect(searchFor({ service: 'a', name: undefined }, '6h')).toEqual({
      filter: 'service = "a"',
      lookback: '6h',
    });
    expect(searchForAttribute('service', 'say "hi"', '24h').filter).toBe('"service" = "say \\"hi\\""');
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
